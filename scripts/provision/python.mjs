// Python environments for servers and clients that the tests meet, each made from a requirements.txt.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { Failure, ask, cacheDir, root, run, which } from "../lib/run.mjs";
import { aptInstall } from "./apt.mjs";

export function pythonPackages(requirements) {
  const bin = pythonBin(requirements);
  return {
    what: `the Python packages of ${relative(root, requirements)}, into ${cacheDir}`,
    isThere: () => existsSync(join(bin, ".installed")) && ask(join(bin, "python"), ["--version"]).ok,
    install: () => install(requirements, bin),
  };
}

/** The folder of programs of the environment that has what the file lists; one per content. */
export function pythonBin(requirements) {
  const version = createHash("sha256").update(readFileSync(requirements)).digest("hex").slice(0, 16);
  return join(cacheDir, `python-${version}`, "bin");
}

async function install(requirements, bin) {
  const folder = dirname(bin);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(dirname(folder), { recursive: true });
  await makeEnvironment(folder);
  const flags = ["--quiet", "--disable-pip-version-check", "--require-hashes", "-r", requirements];
  await run(join(bin, "python"), ["-m", "pip", "install", ...flags]);
  writeFileSync(join(bin, ".installed"), "");
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
