// The server that the clients run against: built, started on a free port, asked for its messages.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../../..");

/** The pools that the server has: by `optional.toml` and `required.toml`. */
export const OPTIONAL = { userPoolId: "eu-west-1_Optional", clientId: "optional0client0000000000" };
export const REQUIRED = { userPoolId: "eu-west-1_Required", clientId: "required0client0000000000" };

/** Builds and starts the server, with more options if given. `stop()` ends it. */
export async function startServer(options = []) {
  const build = ["build", "--quiet", "--locked", "--package=cognito-pool", "--bin=cognito-pool"];
  const built = spawnSync("cargo", build, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
  if (built.status !== 0) throw new Error("the server could not be built");

  const program = join(resolve(root, process.env.CARGO_TARGET_DIR ?? "target"), "debug/cognito-pool");
  const pools = ["optional.toml", "required.toml"].flatMap((name) => ["--pool", join(here, name)]);
  const args = ["--listen", "127.0.0.1:0", "--seed", "1", "--log", "off", ...pools, ...options];
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  const endpoint = /http:\/\/\S+/.exec(line)?.[0];
  if (endpoint === undefined) throw new Error(`the server said: ${line}`);

  return {
    endpoint,
    /** Ends the server, and tells whether it ended well. */
    async stop() {
      const exit = once(child, "exit");
      child.kill("SIGTERM");
      return (await exit)[0] === 0;
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
