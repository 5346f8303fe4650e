// `npm run bench:elements`: how soon a page with a form to drop in can be used, in headless Chromium: our
// element beside Amplify UI's Authenticator, at 1x and 4x. Medians, which nothing asserts.
//
//   --rounds=N   fresh pages each (default 9)
import { cpus, loadavg } from "node:os";
import { createRequire } from "node:module";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { brotliCompressSync } from "node:zlib";
import { chromium } from "playwright-core";
import { build } from "../scripts/build.mjs";
import { main, root, say } from "../scripts/lib/run.mjs";
import { browser, findBrowser, npmPackages, provide } from "../scripts/provision/needs.mjs";

const FORMS = ["cognito-flow", "amplify-ui"];
const RATES = [1, 4];
const ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"];
const TYPES = { js: "text/javascript", css: "text/css" };

main(import.meta, async () => {
  const { values: options } = parseArgs({ options: { rounds: { type: "string", default: "9" } } });
  const rounds = Number(options.rounds);
  await build({ pool: false });
  await provide([browser, npmPackages(import.meta.dirname)]);
  // Only now: what they load is among what was installed.
  const { serve } = await import("./bundle.mjs");
  const files = {};
  for (const name of FORMS) Object.assign(files, await pageOf(name));
  const server = await serve(files);
  const chrome = await chromium.launch({ executablePath: findBrowser().chrome, args: ARGS });
  try {
    const rows = [];
    for (const rate of RATES) {
      const results = new Map(FORMS.map((name) => [name, []]));
      for (let round = 0; round < rounds; round += 1) {
        say(`${rate}x, round ${round + 1} of ${rounds}`);
        // They take turns, so that a busy minute of the machine does not fall on one of them.
        for (const name of FORMS) results.get(name).push(await visit(chrome, `${server.origin}/${name}/`, rate, files));
      }
      for (const [name, all] of results) rows.push(row(name, rate, all));
    }
    const machine = `${cpus().length} cores (${cpus()[0].model.trim()}), load ${loadavg()[1].toFixed(1)}, Chromium ${chrome.version()}`;
    console.log(`\n${new Date().toISOString().slice(0, 10)}, ${machine}; medians over ${rounds} fresh pages.\n`);
    console.log("| form | | interactive, ms | from the last byte, ms | in long tasks, ms | loaded, brotli, kB |");
    console.log("|---|---:|---:|---:|---:|---:|");
    for (const cells of rows) console.log(`| ${cells.join(" | ")} |`);
  } finally {
    await chrome.close();
    await server.close();
  }
});

/** A page with the form and nothing else, bundled by esbuild in pieces, minified as for production. */
async function pageOf(name) {
  // The project's own: one of the peers brings an older one along.
  const { build } = createRequire(join(root, "package.json"))("esbuild");
  const outdir = join(root, "build/elements", name);
  const { outputFiles } = await build({
    entryPoints: { main: join(import.meta.dirname, `elements/${name}.js`) },
    outdir,
    bundle: true,
    splitting: true,
    minify: true,
    write: false,
    format: "esm",
    platform: "browser",
    target: "es2022",
    define: { global: "globalThis", "process.env.NODE_ENV": '"production"' },
    logLevel: "error",
  });
  const files = {};
  for (const { path, contents } of outputFiles) {
    files[`/${name}/${relative(outdir, path)}`] = { type: TYPES[path.split(".").pop()], content: Buffer.from(contents) };
  }
  const styles = `/${name}/main.css` in files ? '<link rel="stylesheet" href="main.css">' : "";
  const head = `<meta charset="utf-8"><link rel="icon" href="data:,">${styles}<script type="module" src="main.js"></script>`;
  files[`/${name}/`] = { type: "text/html", content: `<!doctype html>${head}<body><div id="root"></div>` };
  return files;
}

/** One visit with nothing cached: until a password can be typed into the form and the page is idle. */
async function visit(chrome, url, rate, files) {
  const context = await chrome.newContext();
  try {
    const page = await context.newPage();
    const faults = [];
    const loaded = [];
    page.on("pageerror", (error) => faults.push(error));
    page.on("response", (response) => loaded.push(new URL(response.url()).pathname));
    const cdp = await context.newCDPSession(page);
    await cdp.send("Emulation.setCPUThrottlingRate", { rate });
    await page.addInitScript(watch);
    await page.goto(url);
    await page.waitForFunction(() => window.interactiveAt !== undefined);
    const times = await page.evaluate(() => {
      const ends = performance.getEntriesByType("resource").map(({ responseEnd }) => responseEnd);
      const at = window.interactiveAt;
      return { at, after: at - Math.max(...ends.filter((end) => end <= at)), busy: window.busyMs };
    });
    if (faults.length > 0) throw faults[0];
    const sizes = loaded.filter((path) => path in files).map((path) => brotliCompressSync(files[path].content).length);
    return { ...times, bytes: sizes.reduce((sum, size) => sum + size, 0) };
  } finally {
    await context.close();
  }
}

/** In the page: a password's field that is shown and takes what is typed, and a frame after it. */
function watch() {
  window.busyMs = 0;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) window.busyMs += duration;
  }).observe({ type: "longtask", buffered: true });
  const find = (root) => {
    const input = root.querySelector("input[type=password]");
    if (input !== null) return input;
    for (const { shadowRoot } of root.querySelectorAll("*")) {
      const found = shadowRoot && find(shadowRoot);
      if (found) return found;
    }
    return null;
  };
  const look = () => {
    const input = find(document);
    if (!input?.checkVisibility() || input.disabled) return requestAnimationFrame(look);
    // What is drawn in this frame is there when the next one begins and nothing waits to be done.
    requestAnimationFrame(() => requestIdleCallback(() => (window.interactiveAt = performance.now())));
  };
  look();
}

function row(name, rate, all) {
  const of = (key) => median(all.map((each) => each[key]));
  const ms = ["at", "after", "busy"].map((key) => of(key).toFixed(0));
  return [name, `${rate}x`, ...ms, (of("bytes") / 1000).toFixed(1)];
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.floor(middle)] + sorted[Math.ceil(middle) - 1]) / 2;
}
