// `npm run bench:pool`: the local pool's server beside ministack, moto and cognito-local, in one run.
//
//   --rounds=N    fresh servers of each kind, one kind after the other (default 3)
//   --seconds=N   how long each figure is taken for (default 3)
//   --only=NAME   one server alone
//   --parts=NAMES what is measured: speed, memory, toughness (default all)
//   --save        writes the tables of what was measured into pool/README.md
//   --users=N     how many more users memory is measured by (default 4000; none: not measured)
//
// "cognito-pool in Node" is the npm package, whose module `npm run build` makes.
//
// A journey is what a test does first: SignUp, AdminConfirmSignUp, InitiateAuth with a password. Every
// reply must be a success, and every tenth token must be one that GetUser takes. Memory is taken in a
// server of its own, where nobody signs in. For what is told of toughness see toughness.mjs.
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { cpus, loadavg, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { parseArgs } from "node:util";
import { headersOf } from "../scripts/lib/aws.mjs";
import { main, root, run } from "../scripts/lib/run.mjs";
import { npmPackages, provide, pythonBin, pythonPackages } from "../scripts/provision/needs.mjs";
import { rust } from "../scripts/provision/rust.mjs";
import { toughness } from "./toughness.mjs";

const PASSWORD = "Correct-Horse-7";
const AT_ONCE = 16;
const USERS = 1000;
/** Between these two of pool/README.md stand the figures. */
const SPEED = "<!-- figures: npm run bench:pool -- --save -->";
const TOUGHNESS = "<!-- toughness: npm run bench:pool -- --save -->";
const END = "<!-- end of figures -->";
/** Nobody waits longer than this for the users that memory is measured by, in milliseconds. */
const LONGEST_FILL = 20_000;
const OTHERS = join(root, "tests/e2e/others");

main(import.meta, async () => {
  const { values: options } = parseArgs({
    options: {
      rounds: { type: "string", default: "3" },
      seconds: { type: "string", default: "3" },
      only: { type: "string" },
      users: { type: "string", default: "4000" },
      parts: { type: "string", default: "speed,memory,toughness" },
      save: { type: "boolean", default: false },
    },
  });
  const parts = new Set(options.parts.split(","));
  const [rounds, seconds, more] = [options.rounds, options.seconds, options.users].map(Number);
  const requirements = join(OTHERS, "requirements.txt");
  await provide([rust, npmPackages(OTHERS), pythonPackages(requirements)]);
  process.env.PATH = `${pythonBin(requirements)}${delimiter}${process.env.PATH}`;
  await run("cargo", ["build", "--release", "--package=cognito-pool"]);
  const others = await import("../tests/e2e/others/support/servers.mjs");
  const own = join(root, "target/release/cognito-pool");
  const startOwn = (...args) =>
    others.start(own, (port) => ["--listen", `127.0.0.1:${port}`, "--log", "off", ...args], () => ({}));
  // Each keeps what it keeps in a folder that is given to it, or for as long as it runs.
  const kinds = {
    "cognito-pool": () => startOwn(),
    "cognito-pool --data": async (kept) => {
      const folder = kept ?? mkdtempSync(join(tmpdir(), "kept-"));
      const server = await startOwn("--data", join(folder, "pool.db"));
      if (kept !== undefined) return server;
      const stop = () => server.stop().finally(() => rmSync(folder, { recursive: true, force: true }));
      return { ...server, stop };
    },
    "cognito-pool in Node": () =>
      others.start(
        process.execPath,
        (port) => [join(root, "pool/npm/cognito-pool.mjs"), "--listen", `127.0.0.1:${port}`, "--log", "off"],
        () => ({}),
      ),
    ministack: others.startMinistack,
    moto: others.startMoto,
    "cognito-local": others.startCognitoLocal,
  };
  const names = Object.keys(kinds).filter((name) => (options.only ?? name) === name);

  const before = load();
  console.log(`${cpus().length} × ${cpus()[0].model}, load ${before} at the start`);
  const results = Object.fromEntries(names.map((name) => [name, []]));
  const [date] = new Date().toISOString().split("T");
  const said = (words) => `${date}, ${cpus().length} cores (${cpus()[0].model}), load ${before}; ${words}.`;
  for (let round = 1; round <= rounds && (parts.has("speed") || parts.has("memory")); round += 1) {
    for (const name of names) {
      const result = {
        ...(parts.has("speed") && (await measured(kinds[name], (server) => speed(server, others, seconds)))),
        ...(parts.has("memory") && (await measured(kinds[name], (server) => memory(server, others, more)))),
      };
      results[name].push(result);
      console.log(`round ${round}, load ${load()}: ${name} ${JSON.stringify(result)}`);
    }
  }
  if (parts.has("speed") || parts.has("memory")) {
    const text = table(results);
    console.log(`\n${text}\n\nMedians of ${rounds} rounds, load ${load()} at the end.`);
    // A part of the columns is no table for the README.
    if (options.save && parts.has("speed") && parts.has("memory")) {
      save(SPEED, `${text}\n\n${said(`medians of ${rounds === 1 ? "one round" : `${rounds} rounds`}`)}`);
    }
  }
  if (!parts.has("toughness")) return;
  const rows = {};
  for (const name of names) {
    rows[name] = [await toughness(kinds[name], others)];
    console.log(`${name} ${JSON.stringify(rows[name][0])}`);
  }
  const text = table(rows);
  console.log(`\n${text}`);
  if (options.save) save(TOUGHNESS, `${text}\n\n${said("one round")}`);
});

/** Puts figures where the README has them. */
function save(beginning, text) {
  const file = join(root, "pool/README.md");
  const [before, rest] = readFileSync(file, "utf8").split(beginning);
  const after = rest.slice(rest.indexOf(END));
  writeFileSync(file, `${before}${beginning}\n${text}\n${after}`);
}

async function measured(start, measure) {
  const server = await start();
  try {
    return await measure(server);
  } finally {
    await server.stop();
  }
}

/** A pool of a fresh server, and what signs one user after another up in it. */
async function signingUp(server, others) {
  const admin = { ExplicitAuthFlows: ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"] };
  const { userPoolId, clientId } = await others.createPool(server, {}, admin);
  const client = new Client(server.endpoint);
  const made = { users: 0, characters: 0 };
  const signUp = async () => {
    const username = `user${(made.users += 1)}`;
    const email = `${username}@example.com`;
    made.characters += username.length + email.length;
    await client.call("SignUp", {
      ClientId: clientId,
      Username: username,
      Password: PASSWORD,
      UserAttributes: [{ Name: "email", Value: email }],
    });
    return username;
  };
  /** Signs up until there are so many, or it took too long. */
  const fill = async (most, longest = Infinity) => {
    const until = performance.now() + longest;
    const one = async () => {
      while (made.users < most && performance.now() < until) await signUp();
    };
    await Promise.all(Array.from({ length: AT_ONCE }, one));
  };
  return { client, userPoolId, clientId, made, signUp, fill };
}

/** Memory at 1,000 users, and what each user more takes beside the name and address that were sent. */
async function memory(server, others, more) {
  const { client, made, fill } = await signingUp(server, others);
  await fill(USERS);
  const before = { ...made, memory: memoryOf(server.pid) };
  const at = { [`memory at ${USERS} users, MB`]: Math.round(before.memory / 1e5) / 10 };
  if (more === 0) return at;
  await fill(USERS + more, LONGEST_FILL);
  client.close();
  const grown = memoryOf(server.pid) - before.memory - (made.characters - before.characters);
  const users = made.users - before.users;
  // Too few of them, or less memory than before, say more about a collector of garbage than about a user.
  const each = users < more / 2 || grown < 0 ? null : Math.round(grown / users);
  return { ...at, "memory a user beyond what was sent, bytes": each };
}

async function speed(server, others, seconds) {
  const { client, userPoolId, clientId, made, signUp, fill } = await signingUp(server, others);
  const journey = async () => {
    const username = await signUp();
    await client.call("AdminConfirmSignUp", { UserPoolId: userPoolId, Username: username });
    const signedIn = await client.call("InitiateAuth", {
      ClientId: clientId,
      AuthFlow: "USER_PASSWORD_AUTH",
      AuthParameters: { USERNAME: username, PASSWORD },
    });
    const token = signedIn.AuthenticationResult.AccessToken;
    if (made.users % 10 === 1) await client.call("GetUser", { AccessToken: token });
    return token;
  };
  const token = await journey();
  await fill(USERS);
  const alone = await perSecond(1, seconds, journey);
  const atOnce = await perSecond(AT_ONCE, seconds, journey);
  const getUser = await perSecond(AT_ONCE, seconds, () =>
    client.call("GetUser", { AccessToken: token }),
  );
  client.close();
  return {
    "journeys/s, alone": Math.round(alone),
    [`journeys/s, ${AT_ONCE} at once`]: Math.round(atOnce),
    "GetUser/s": Math.round(getUser),
    "first answer, ms": Math.round(server.startedIn),
  };
}

/** How often `work` is done in a second by so many that each wait for their own. */
async function perSecond(atOnce, seconds, work) {
  const began = performance.now();
  const until = began + seconds * 1000;
  let done = 0;
  const one = async () => {
    while (performance.now() < until) {
      await work();
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  return (done * 1000) / (performance.now() - began);
}

/** Calls operations over connections that stay open. */
class Client {
  #agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  #url;

  constructor(endpoint) {
    this.#url = new URL(endpoint);
  }

  call(operation, input) {
    const body = JSON.stringify(input);
    const headers = { ...headersOf(operation), "content-length": Buffer.byteLength(body) };
    return new Promise((done, failed) => {
      const sent = request(this.#url, { method: "POST", agent: this.#agent, headers }, (reply) => {
        const parts = [];
        reply.on("data", (part) => parts.push(part));
        reply.on("end", () => {
          const text = Buffer.concat(parts).toString();
          if (reply.statusCode === 200) done(text === "" ? {} : JSON.parse(text));
          else failed(new Error(`${operation}: ${reply.statusCode} ${text.slice(0, 300)}`));
        });
        reply.on("error", failed);
      });
      sent.on("error", failed);
      sent.end(body);
    });
  }

  close() {
    this.#agent.destroy();
  }
}

/** The resident memory of a process and of those that it started, in bytes. */
function memoryOf(pid) {
  const parents = new Map();
  for (const entry of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, "utf8");
      parents.set(Number(entry), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
    } catch {
      // It has ended meanwhile.
    }
  }
  const family = new Set([pid]);
  for (let before = 0; before < family.size;) {
    before = family.size;
    for (const [child, parent] of parents) if (family.has(parent)) family.add(child);
  }
  const resident = (id) => {
    const status = readFileSync(`/proc/${id}/status`, "utf8");
    return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) * 1024;
  };
  return [...family].reduce((sum, id) => sum + resident(id), 0);
}

function table(results) {
  const figures = Object.keys(Object.values(results)[0][0]);
  const row = (cells) => `| ${cells.join(" | ")} |`;
  const lines = Object.entries(results).map(([name, rounds]) =>
    row([name, ...figures.map((figure) => median(rounds.map((round) => round[figure])))]),
  );
  return [row(["server", ...figures]), row(["---", ...figures.map(() => "---:")]), ...lines].join(
    "\n",
  );
}

function median(values) {
  const sorted = values.filter((value) => value !== null).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? "–";
}

const load = () => loadavg()[0].toFixed(1);
