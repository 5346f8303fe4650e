// `npm run bench`: this client beside others, in headless Chromium, in one run.
//
//   --rounds=N   fresh pages per client (default 9)
//   --only=NAME  one client alone
//   --save       puts the tables into README.md beside this file
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";
import { build } from "../scripts/build.mjs";
import { main, say } from "../scripts/lib/run.mjs";
import { browser, findBrowser, npmPackages, provide } from "../scripts/provision/needs.mjs";
import { SETTINGS, pool } from "./pool.mjs";

const CLIENTS = [
  "cognito-flow",
  "cognito-flow-lean",
  "aws-amplify",
  "amazon-cognito-identity-js",
  "amazon-cognito-passwordless-auth",
  "native-bigint",
];
const WARM = 10;
/** How many times slower the processor is made: as it is, and as developer tools do it for a phone. */
const RATES = [1, 4];
const ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"];

main(import.meta, async () => {
  const { values: options } = parseArgs({
    options: {
      rounds: { type: "string", default: "9" },
      only: { type: "string" },
      save: { type: "boolean", default: false },
    },
  });
  const rounds = Number(options.rounds);
  const clients = CLIENTS.filter((name) => options.only === undefined || name === options.only);

  await build({ pool: false });
  await provide([browser, npmPackages(import.meta.dirname)]);
  const { chrome: executablePath } = findBrowser();
  // Only now: esbuild is among what was installed.
  const { bundle, serve } = await import("./bundle.mjs");

  const { replies, isProof } = pool();
  const network = readFileSync(join(import.meta.dirname, "page/network.js"));
  const bench = JSON.stringify({ settings: SETTINGS, replies });
  const files = { "/": html(), "/bench.js": js(`window.bench = ${bench};\n${network}`) };
  for (const name of clients) {
    files[`/${name}`] = html(name);
    for (const [path, content] of await bundle(name)) files[path] = js(content);
  }

  const server = await serve(files);
  const chrome = await chromium.launch({ executablePath, args: ARGS });
  try {
    const url = (name) => `${server.origin}/${name}`;
    const empty = await emptyPage(chrome, url);
    const tables = [];
    for (const rate of RATES) {
      const results = await measure(chrome, url, clients, rounds, rate);
      checkProofs(results, isProof);
      tables.push(tableAt(rate, results, empty, clients));
    }
    const report = [about(clients, rounds, chrome.version()), ...tables].join("\n\n");
    console.log(`\n${report}`);
    if (options.save) save(report);
  } finally {
    await chrome.close();
    await server.close();
  }
});

function html(name) {
  const client = name === undefined ? "" : `<script type="module" src="/${name}.js"></script>`;
  const head = `<meta charset="utf-8"><link rel="icon" href="data:,"><script src="/bench.js"></script>`;
  return { type: "text/html", content: `<!doctype html>${head}${client}` };
}

function js(content) {
  return { type: "text/javascript", content };
}

/** Clients take turns, so that a busy minute of the machine does not fall on one of them. */
async function measure(chrome, url, clients, rounds, rate) {
  const { evaluation, longestTasks, timings } = await import("./measure.mjs");
  const results = new Map(clients.map((name) => [name, { timings: [], tasks: [], evaluations: [] }]));
  for (let round = 0; round < rounds; round += 1) {
    say(`${rate}x, round ${round + 1} of ${rounds}`);
    for (const name of clients) {
      results.get(name).timings.push(await timings(chrome, url(name), WARM, rate));
      results.get(name).evaluations.push(await evaluation(chrome, url(name), rate));
    }
    // Tracing costs time: the longest task is measured on pages of its own.
    for (const name of clients) {
      results.get(name).tasks.push(await longestTasks(chrome, url(name), WARM, rate));
    }
  }
  return results;
}

async function emptyPage(chrome, url) {
  const { emptyHeap } = await import("./measure.mjs");
  // The first page of a browser pays for the browser's own start.
  const empty = [];
  for (let round = 0; round < 3; round += 1) empty.push(await emptyHeap(chrome, url("")));
  return empty.at(-1);
}

/** Whoever did not do the work does not get a time. */
function checkProofs(results, isProof) {
  say("checking the proofs");
  for (const [name, { timings, tasks }] of results) {
    for (const { proofs, unknown, later } of [...timings, ...tasks]) {
      if (unknown.length > 0) throw new Error(`${name}: no reply for ${unknown}`);
      if (proofs.length !== later.length + 1) throw new Error(`${name}: ${proofs.length} proofs`);
      // Each first one and one more of each page: all would take longer than what was measured.
      for (const proof of [proofs.at(0), proofs.at(-1)]) {
        if (!isProof(proof)) throw new Error(`${name}: a proof that proves nothing`);
      }
    }
  }
}

function tableAt(rate, results, empty, clients) {
  const figures = new Map(clients.map((name) => [name, figuresOf(results.get(name), empty)]));
  const rows = [...figures].map(([name, of]) => [
    name,
    ...[of.first, of.warm, of.fastest, of.firstTask, of.warmTask, of.ready, of.evaluated].map((ms) => ms.toFixed(1)),
    ...[of.heap, of.buffers].map((bytes) => (bytes / 1000).toFixed(0)),
  ]);
  const head = [
    "client",
    "first sign-in, ms",
    "warm, ms",
    "fastest, ms",
    "longest task, first, ms",
    "longest task, warm, ms",
    "navigation to ready, ms",
    "script evaluated, ms",
    "JS heap when ready, kB",
    "buffers when ready, kB",
  ];
  return [`At ${rate}x:`, table(head, rows), ...goals(rate, figures)].join("\n\n");
}

function figuresOf({ timings, tasks, evaluations }, empty) {
  const of = (list, value) => median(list.flatMap(value));
  // The first three are not: the engine is still replacing its first code by better.
  const warm = ({ later }) => later.slice(2);
  return {
    first: of(timings, ({ first }) => first),
    warm: of(timings, warm),
    fastest: Math.min(...timings.flatMap(warm)),
    firstTask: of(tasks, ({ first }) => first),
    warmTask: of(tasks, warm),
    ready: of(timings, ({ ready }) => ready),
    evaluated: median(evaluations),
    heap: of(timings, ({ heap }) => heap.objects - empty.objects),
    buffers: of(timings, ({ heap }) => heap.buffers - empty.buffers),
  };
}

/** What is aimed at, and whether it is so in this run: for the client whole, and in two parts. */
function goals(rate, figures) {
  const whole = goalsOf("cognito-flow", rate, figures);
  return [...whole, ...goalsOf("cognito-flow-lean", rate, figures).map((list) => `cognito-flow/lean:\n\n${list}`)];
}

function goalsOf(name, rate, figures) {
  const [own, peer, native] = [name, "amazon-cognito-passwordless-auth", "native-bigint"].map((name) =>
    figures.get(name),
  );
  if (!own || !peer || !native) return [];
  const goal = (what, value, most) => {
    const digits = most < 1 ? 2 : 1;
    return `- ${what}: ${value.toFixed(digits)} of at most ${most.toFixed(digits)}${value <= most ? "" : ", **not met**"}`;
  };
  const list = [
    goal("first sign-in, of amazon-cognito-passwordless-auth's", own.first / peer.first, 0.25),
    goal("warm sign-in, of amazon-cognito-passwordless-auth's", own.warm / peer.warm, 0.3),
    goal("warm sign-in, ms, beside native BigInt's", own.warm, native.warm),
    goal("navigation to ready, ms, beside amazon-cognito-passwordless-auth's", own.ready, peer.ready),
    goal("script evaluated, ms", own.evaluated, 5),
    goal("JS heap, kB", own.heap / 1000, 150),
  ];
  if (rate === 4) list.push(goal("longest task, ms", Math.max(own.firstTask, own.warmTask), 25));
  return [list.join("\n")];
}

function about(clients, rounds, chromium) {
  const date = new Date().toISOString().slice(0, 10);
  const machine = `${date}, ${cpus().length} cores (${cpus()[0].model.trim()}), load ${loadavg()[1].toFixed(1)}, Chromium ${chromium}, Node ${process.versions.node}`;
  const peers = `${clients.map(version).join(", ")}; medians over ${rounds} fresh pages, ${WARM + 1} sign-ins on each`;
  return `${machine}; ${peers}.`;
}

function version(name) {
  if (name === "native-bigint") return "native-bigint (clients/native-bigint.js)";
  if (name === "cognito-flow-lean") return "cognito-flow/lean";
  const folder = name === "cognito-flow" ? ".." : `node_modules/${name}`;
  const file = join(import.meta.dirname, folder, "package.json");
  return `${name} ${JSON.parse(readFileSync(file, "utf8")).version}`;
}

function table(head, rows) {
  const width = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column].length)));
  const line = (row) =>
    `| ${row.map((cell, column) => (column === 0 ? cell.padEnd(width[0]) : cell.padStart(width[column]))).join(" | ")} |`;
  const rule = `|${width.map((size, column) => (column === 0 ? "-".repeat(size + 2) : `${"-".repeat(size + 1)}:`)).join("|")}|`;
  return [line(head), rule, ...rows.map(line)].join("\n");
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.floor(middle)] + sorted[Math.ceil(middle) - 1]) / 2;
}

function save(report) {
  const file = join(import.meta.dirname, "README.md");
  const [start, end] = ["<!-- results -->", "<!-- end of results -->"];
  const text = readFileSync(file, "utf8");
  const before = text.slice(0, text.indexOf(start) + start.length);
  const after = text.slice(text.indexOf(end));
  writeFileSync(file, `${before}\n\n${report}\n\n${after}`);
}
