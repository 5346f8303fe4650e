// What is measured on one page, each time in a context of its own: nothing is cached or stored. `at` is
// how many times slower the processor is made than it is.

/** Time to ready, heap, the first sign-in and `warm` more, in ms and bytes. */
export async function timings(chrome, url, warm, at) {
  return onPage(chrome, url, at, async (page, cdp) => {
    const ready = await page.evaluate(() => window.bench.readyAt);
    const heap = await heapInUse(cdp);
    await idle(page);
    const first = await page.evaluate(() => window.bench.signIn());
    const later = [];
    for (let round = 0; round < warm; round += 1) {
      later.push(await page.evaluate(() => window.bench.signIn()));
    }
    return { ready, heap, first, later, ...(await page.evaluate(() => window.bench.seen())) };
  });
}

/** How long the page's thread was busy with the client's script before that waited for anything, in ms. */
export async function evaluation(chrome, url, at) {
  let trace;
  const begin = async (cdp) => (trace = await startTrace(cdp, "devtools.timeline", "v8"));
  const body = async () => {
    const events = await trace.stop();
    // There is one module on the page: its name is with its compilation alone.
    const of = (name) => events.filter((event) => event.name === name).map(({ dur = 0 }) => dur / 1000);
    const evaluated = of("v8.evaluateModule");
    if (evaluated.length === 0) throw new Error("no module in the trace");
    return [...evaluated, ...of("v8.compileModule")].reduce((sum, ms) => sum + ms);
  };
  return onPage(chrome, url, at, body, { begin });
}

/** The longest task of the main thread in the first sign-in, and in each of `warm` more, in ms. */
export async function longestTasks(chrome, url, warm, at) {
  return onPage(chrome, url, at, async (page, cdp) => {
    await idle(page);
    const trace = await startTrace(cdp);
    for (let round = 0; round <= warm; round += 1) {
      await page.evaluate(() => window.bench.signIn());
    }
    const [first, ...later] = longestInEachSignIn(await trace.stop());
    if (later.length !== warm) throw new Error(`${later.length} sign-ins in the trace`);
    return { first, later, ...(await page.evaluate(() => window.bench.seen())) };
  });
}

/** The heap of a page without a client, to be taken away from the others'. */
export async function emptyHeap(chrome, url) {
  return onPage(chrome, url, 1, (_page, cdp) => heapInUse(cdp), { hasClient: false });
}

/** A person types before anything is signed in: until then the page has had nothing to do. */
async function idle(page) {
  await page.evaluate(() => new Promise((done) => requestIdleCallback(() => requestIdleCallback(done))));
}

async function onPage(chrome, url, rate, body, { hasClient = true, begin } = {}) {
  const context = await chrome.newContext();
  try {
    const page = await context.newPage();
    const faults = [];
    page.on("pageerror", (error) => faults.push(error));
    const cdp = await context.newCDPSession(page);
    await cdp.send("Emulation.setCPUThrottlingRate", { rate });
    await begin?.(cdp);
    await page.goto(url);
    // What this brings along to ask the page is on the empty one as well.
    const isReady = (hasClient) => !hasClient || window.bench?.signIn !== undefined;
    await page.waitForFunction(isReady, hasClient);
    await page.evaluate(() => window.bench.readyAt);
    const result = await body(page, cdp);
    if (faults.length > 0) throw faults[0];
    return result;
  } finally {
    await context.close();
  }
}

async function heapInUse(cdp) {
  await cdp.send("HeapProfiler.collectGarbage");
  const { usedSize, backingStorageSize } = await cdp.send("Runtime.getHeapUsage");
  return { objects: usedSize, buffers: backingStorageSize };
}

async function startTrace(cdp, ...more) {
  const events = [];
  cdp.on("Tracing.dataCollected", ({ value }) => events.push(...value));
  // What the performance panel of the developer tools records for "Task" and "Timings".
  const categories = ["disabled-by-default-devtools.timeline", "blink.user_timing", ...more];
  await cdp.send("Tracing.start", {
    transferMode: "ReportEvents",
    traceConfig: { includedCategories: categories, excludedCategories: ["*"] },
  });
  return {
    async stop() {
      const complete = new Promise((resolve) => cdp.once("Tracing.tracingComplete", resolve));
      await cdp.send("Tracing.end");
      await complete;
      return events;
    },
  };
}

/** For each sign-in, the longest task on its thread that overlaps it, in ms. */
function longestInEachSignIn(events) {
  const marks = events.filter(({ cat }) => cat?.includes("blink.user_timing"));
  const times = (name) => marks.filter((mark) => mark.name === name).sort((a, b) => a.ts - b.ts);
  const ends = times("sign-in ends");
  return times("sign-in starts").map((start, round) => {
    const end = ends[round];
    const tasks = events.filter(
      ({ name, pid, tid, ts, dur }) =>
        name === "RunTask" &&
        pid === start.pid &&
        tid === start.tid &&
        ts < end.ts &&
        ts + dur > start.ts,
    );
    if (tasks.length === 0) throw new Error("no task in the trace");
    return Math.max(...tasks.map(({ dur }) => dur)) / 1000;
  });
}
