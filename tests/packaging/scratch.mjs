// Scratch projects, outside this checkout, with the packed package installed from its tarball.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ask, root } from "../../scripts/lib/run.mjs";

const QUIET = ["--no-audit", "--no-fund", "--loglevel=error"];

/** Packs the package as it would be published; answers with the tarball's path. */
export function pack(folder) {
  must("npm", ["pack", `--pack-destination=${folder}`, ...QUIET], root);
  const name = readdirSync(folder).find((file) => file.endsWith(".tgz"));
  return join(folder, name);
}

export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), "cognito-flow-packaging-"));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** A project that has installed the tarball, with the test's application in `src/`. */
export function scratchProject(folder, tarball, files = {}) {
  mkdirSync(folder, { recursive: true });
  const manifest = { name: "scratch", private: true, type: "module" };
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  must("npm", ["install", "--offline", ...QUIET, tarball], folder);
  cpSync(join(import.meta.dirname, "app"), join(folder, "src"), { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

/** Runs a tool and fails with what it printed. */
export function must(command, args, cwd, env = process.env) {
  const { ok, stdout, stderr } = ask(command, args, { cwd, env });
  if (!ok) throw new Error(`${command} ${args.join(" ")}\n${stdout}\n${stderr}`);
  return stdout;
}
