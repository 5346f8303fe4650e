// npm packages, exactly as a folder's lock file has them.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { root, run } from "../lib/run.mjs";

export function npmPackages(folder = root) {
  const lock = readFileSync(join(folder, "package-lock.json"));
  const version = createHash("sha256").update(lock).digest("hex");
  const stamp = join(folder, "node_modules", ".installed-lock");
  return {
    what: `the npm packages of ./${join(relative(root, folder), "package-lock.json")}, into node_modules beside it`,
    isThere: () => existsSync(stamp) && readFileSync(stamp, "utf8") === version,
    async install() {
      // No package needs its install script, and none gets to run one.
      const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
      await run("npm", ["ci", ...flags], { cwd: folder });
      writeFileSync(stamp, version);
    },
  };
}
