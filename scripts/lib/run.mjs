// What every script here needs: paths, running a program, finding one, saying what goes on.
import { spawn, spawnSync } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const root = resolve(import.meta.dirname, "../..");
export const targetDir = resolve(root, process.env.CARGO_TARGET_DIR ?? "target");
/** What takes long to make and does not depend on the checkout: tools by version. */
export const cacheDir = join(
  process.env.XDG_CACHE_HOME || join(homedir(), ".cache"),
  "cognito-flow",
);

// Below rust-toolchain.toml, rustup downloads what is missing at any call of `cargo`, without having
// said so, and where its server is not reached every call fails. Called by the scripts, it uses what
// is installed: what is missing is theirs to say and to install (provision/toolchain.mjs).
const toolchain = process.env.RUSTUP_TOOLCHAIN || installedToolchain();
if (toolchain) process.env.RUSTUP_TOOLCHAIN = toolchain;

/** rustup's stable toolchain, else its default one; undefined where there is neither. */
export function installedToolchain() {
  if (which("rustup") === null) return undefined;
  const lines = ask("rustup", ["toolchain", "list"]).stdout.split("\n");
  const line = lines.find((it) => it.startsWith("stable-")) ?? lines.find((it) => /\bdefault\b/.test(it));
  return line?.split(" ")[0];
}

/** A failure that a person can do something about: printed without a stack. */
export class Failure extends Error {}

export function say(text) {
  console.log(`▸ ${text}`);
}

/**
 * Runs a program with its output streamed; rejects with a `Failure` when it does not end well.
 * `hear` is given each piece of what it prints, too. Of several at once each is `whole`: what it prints comes
 * at its end.
 */
export function run(command, args, { cwd = root, env = process.env, hear, whole = false } = {}) {
  return new Promise((done, fail) => {
    const stdio = ["ignore", hear || whole ? "pipe" : "inherit", "inherit"];
    const said = [];
    const child = spawn(command, args, { cwd, env, stdio });
    child.stdout?.on("data", (piece) => {
      if (whole) said.push(piece);
      else process.stdout.write(piece);
      hear?.(piece.toString());
    });
    child.on("error", (error) => fail(new Failure(`${command}: ${error.message}`)));
    child.on("close", (code, signal) => {
      for (const piece of said) process.stdout.write(piece);
      if (code === 0) done();
      else fail(new Failure(`${command} ${args.join(" ")}: ended with ${signal ?? code}`));
    });
  });
}

/** Runs a program silently: whether it ended well, and what it printed. */
export function ask(command, args, { cwd = root, env = process.env, input } = {}) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    env,
    input: input ?? "",
    maxBuffer: Infinity,
    encoding: "utf8",
  });
  return { ok: status === 0, stdout: stdout ?? "", stderr: stderr ?? "" };
}

/** The full path of a program on PATH, or null. */
export function which(name, path = process.env.PATH ?? "") {
  for (const folder of path.split(delimiter)) {
    const file = join(folder, name);
    if (folder !== "" && isExecutable(file)) return file;
  }
  return null;
}

export function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Runs a script's main function when the script is what Node was started with. */
export function main(meta, body) {
  if (process.argv[1] === undefined || resolve(process.argv[1]) !== fileURLToPath(meta.url)) return;
  Promise.resolve()
    .then(body)
    .catch((error) => {
      console.error(error instanceof Failure ? `\n✗ ${error.message}` : error);
      process.exitCode = 1;
    });
}
