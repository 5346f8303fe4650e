// The server that the clients run against: built, started on a free port, asked for its messages.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../../..");

/** The pools that the server has: by `optional.toml` and `required.toml`. */
export const OPTIONAL = { userPoolId: "eu-west-1_Optional", clientId: "optional0client0000000000" };
export const REQUIRED = { userPoolId: "eu-west-1_Required", clientId: "required0client0000000000" };

const POOLS = ["optional", "required"];

/**
 * Builds and starts the server, with more options if given. `stop()` ends it; with `watched` it rejects
 * if a reply on the way to the clients was of another shape than botocore's model has it.
 */
export async function startServer(options = [], watching = {}) {
  const build = ["build", "--quiet", "--locked", "--package=cognito-pool", "--bin=cognito-pool"];
  const built = spawnSync("cargo", build, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
  if (built.status !== 0) throw new Error("the server could not be built");

  const program = join(resolve(root, process.env.CARGO_TARGET_DIR ?? "target"), "debug/cognito-pool");
  const pools = POOLS.flatMap((name) => ["--pool", join(here, `${name}.toml`)]);
  return start(program, [...pools, ...options], watching);
}

/** The same of the npm package, which is run by Node: its descriptions are JSON. */
export async function startNodeServer(options = [], watching = {}) {
  const folder = mkdtempSync(join(tmpdir(), "cognito-pool-"));
  const pools = POOLS.flatMap((name) => {
    const path = join(folder, `${name}.json`);
    writeFileSync(path, asJson(join(here, `${name}.toml`)));
    return ["--pool", path];
  });
  try {
    const program = join(root, "pool/npm/cognito-pool.mjs");
    return await start(process.execPath, [program, ...pools, ...options], watching);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function asJson(toml) {
  const read = "import json, sys, tomllib; print(json.dumps(tomllib.load(open(sys.argv[1], 'rb'))))";
  const python = process.env.PYTHON ?? "python3";
  const { status, stdout, stderr } = spawnSync(python, ["-c", read, toml], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

async function start(program, more, { watched = false }) {
  const watch = watched ? await startWatching() : undefined;
  const issuer = watch ? ["--issuer", watch.endpoint] : [];
  const fixed = ["--listen", "127.0.0.1:0", "--seed", "1", "--log", "off"];
  // What is run by Node has its script first.
  const args = [...more, ...fixed, ...issuer];
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  const own = /http:\/\/\S+/.exec(line)?.[0];
  if (own === undefined) throw new Error(`the server said: ${line}`);
  watch?.of(own);
  const endpoint = watch?.endpoint ?? own;

  return {
    endpoint,
    /** Ends the server, and tells whether it ended well. */
    async stop() {
      const exit = once(child, "exit");
      child.kill("SIGTERM");
      const [code] = await exit;
      await watch?.stop();
      return code === 0;
    },
    /** The code of the latest message to an address or phone number. */
    async code(to) {
      const reply = await fetch(`${endpoint}/_pool/outbox?to=${encodeURIComponent(to)}`);
      const code = (await reply.json()).at(-1)?.code;
      if (typeof code !== "string") throw new Error(`no code was sent to ${to}`);
      return code;
    },
  };
}

/** What passes everything on to a server, and holds its replies against botocore's model at the end. */
async function startWatching() {
  const replies = [];
  let server;
  const proxy = createServer((incoming, outgoing) => {
    const { method, headers, url } = incoming;
    const fail = () => outgoing.destroy();
    const passed = request(new URL(url, server), { method, headers }, (reply) => {
      outgoing.writeHead(reply.statusCode, reply.headers);
      const parts = [];
      reply.on("data", (part) => parts.push(part));
      reply.on("end", () => {
        const [service, operation] = (headers["x-amz-target"] ?? "").split(".");
        if (service !== "AWSCognitoIdentityProviderService" || reply.statusCode !== 200) return;
        replies.push(JSON.stringify({ operation, body: Buffer.concat(parts).toString() }));
      });
      reply.on("error", fail);
      reply.pipe(outgoing);
    });
    passed.on("error", fail);
    outgoing.on("close", () => passed.destroy());
    incoming.pipe(passed);
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");

  return {
    endpoint: `http://127.0.0.1:${proxy.address().port}`,
    of: (endpoint) => void (server = endpoint),
    async stop() {
      proxy.close();
      proxy.closeAllConnections();
      const found = spawnSync(process.env.PYTHON ?? "python3", [join(here, "shapes.py")], {
        input: replies.join("\n"),
        encoding: "utf8",
      });
      if (found.status !== 0) throw new Error(`the replies could not be looked through: ${found.stderr}`);
      if (found.stdout !== "") throw new Error(`of another shape than the model's: ${found.stdout}`);
      if (replies.length === 0) throw new Error("no reply was seen");
    },
  };
}

let count = 0;

/** A person nobody else in a test run is. */
export function person() {
  const name = `user${++count}x${process.pid}`;
  const digits = String(process.pid % 10_000).padStart(4, "0") + String(count).padStart(3, "0");
  return {
    username: name,
    password: "Correct-horse-7",
    email: `${name}@example.org`,
    phone: `+1202${digits}`,
    maskedPhone: `+*******${digits.slice(-4)}`,
    maskedEmail: `${name[0]}***@e***`,
  };
}

/** A code that is wrong whatever the right one is. */
export function otherThan(code) {
  return code === "000000" ? "111111" : "000000";
}
