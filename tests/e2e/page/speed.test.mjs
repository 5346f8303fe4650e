// How much the page loads, and how soon and how calmly it is there.
import assert from "node:assert/strict";
import { request } from "node:http";
import { brotliCompressSync } from "node:zlib";
import { test } from "node:test";
import { newPerson, withBrowser } from "./support/browser.mjs";

const BUDGET = 100_000;
const PACKAGE = "/cognito-flow/";
const INTERACTIVE_MS = 200;

withBrowser();

test("the page is under 100 kB brotli in all, with the embedded pool left out", async (t) => {
  const person = await newPerson();
  const sizes = [];
  person.context.on("response", (response) => {
    const { pathname } = new URL(response.url());
    if (!response.ok() || pathname.startsWith("/cognito-pool/")) return;
    const size = response.body().then((body) => brotliCompressSync(body).length);
    sizes.push(size.then((bytes) => ({ pathname, bytes })));
  });
  const page = await person.tab();
  await page.waitForLoadState("networkidle");
  const files = await Promise.all(sizes);
  person.checkFaults();
  await person.context.close();
  const sum = (some) => some.reduce((before, { bytes }) => before + bytes, 0);
  const all = sum(files);
  const ours = sum(files.filter(({ pathname }) => pathname.startsWith(PACKAGE)));
  t.diagnostic(`${files.length} files, ${all} bytes brotli, ${ours} of them the package`);
  assert.ok(ours > 10_000 && all < BUDGET, `${all} bytes`);
});

test("the pool's module comes compressed, as the browser can take it", async () => {
  const person = await newPerson();
  const get = (accepted) =>
    new Promise((done, fail) => {
      const address = `${person.url}cognito-pool/cognito_pool_bg.wasm`;
      request(address, { headers: { "accept-encoding": accepted } }, (response) => {
        const { statusCode, headers } = response;
        response.resume().on("end", () => done({ statusCode, headers, size: Number(headers["content-length"]) }));
      })
        .on("error", fail)
        .end();
    });
  const plain = await get("identity");
  assert.equal(plain.statusCode, 200);
  assert.equal(plain.headers["content-encoding"], undefined);
  for (const encoding of ["br", "gzip"]) {
    const { headers, size } = await get(`deflate, ${encoding}`);
    assert.equal(headers["content-encoding"], encoding);
    assert.equal(headers["content-type"], "application/wasm");
    assert.ok(size < plain.size / 2, `${encoding}: ${size} of ${plain.size}`);
  }
  await person.context.close();
});

test("one render without a layout shift; interactive 200 ms after the last byte", async (t) => {
  const times = [];
  for (let run = 0; run < 5; run += 1) {
    const person = await newPerson();
    await person.context.addInitScript(() => {
      window.shifts = 0;
      new PerformanceObserver((list) => {
        for (const shift of list.getEntries()) window.shifts += shift.value;
      }).observe({ type: "layout-shift", buffered: true });
      const look = () => {
        if (window.findAll("form button[type=submit]").length === 0) requestAnimationFrame(look);
        else window.interactive = performance.now();
      };
      look();
    });
    const page = await person.tab();
    await page.waitForLoadState("networkidle");
    const { shifts, after } = await page.evaluate(() => {
      const loaded = performance
        .getEntriesByType("resource")
        .map(({ responseEnd }) => responseEnd)
        .filter((end) => end <= window.interactive);
      return { shifts: window.shifts, after: window.interactive - Math.max(...loaded) };
    });
    assert.ok(shifts < 0.01, `layout shift ${shifts}`);
    times.push(after);
    person.checkFaults();
    await person.context.close();
  }
  const median = times.sort((a, b) => a - b)[2];
  t.diagnostic(`median ${median.toFixed(0)} ms of ${times.map((ms) => ms.toFixed(0)).join(", ")}`);
  assert.ok(median < INTERACTIVE_MS, `${median} ms`);
});
