// A Python environment for servers that the tests run against, made from a requirements.txt.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { aptInstall } from "./apt.mjs";
import { Failure, ask, cacheDir, run, say, which } from "./run.mjs";

/** The folder of programs of an environment that has what the file lists; made once per content. */
export async function pythonEnvironment(requirements) {
  const content = readFileSync(requirements);
  const version = createHash("sha256").update(content).digest("hex").slice(0, 16);
  const folder = join(cacheDir, `python-${version}`);
  const bin = join(folder, "bin");
  const stamp = join(folder, ".installed");
  if (existsSync(stamp) && ask(join(bin, "python"), ["--version"]).ok) return bin;

  say(`installing the Python packages of ${requirements}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(dirname(folder), { recursive: true });
  await makeEnvironment(folder);
  await run(join(bin, "python"), ["-m", "pip", "install", "--quiet", "-r", requirements]);
  writeFileSync(stamp, "");
  return bin;
}

async function makeEnvironment(folder) {
  const python = ["python3", "python"].find((name) => which(name) !== null);
  if (python === undefined) throw new Failure("Python 3 is missing: install it, then try again");
  // Debian keeps the module that puts pip into an environment in a package of its own.
  if (!ask(python, ["-c", "import venv, ensurepip"]).ok) {
    await aptInstall(["python3-venv"], "Python's venv module");
  }
  await run(python, ["-m", "venv", folder]);
}
