// `npm run reproduce`: whether the package comes out the same, byte for byte, in two clones of the last
// commit that lie in folders of different names; and its hash.
//
//   npm run reproduce               builds both (minutes each)
//   npm run reproduce -- FILE.tgz   builds one, and compares it with a package that is there, as npm has it
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unpacked } from "./lib/tarball.mjs";
import { Failure, ask, main, root, run, say, targetDir } from "./lib/run.mjs";

main(import.meta, async () => {
  const [given] = process.argv.slice(2);
  if (ask("git", ["status", "--porcelain"]).stdout !== "") {
    say("what is not committed is in neither clone");
  }
  const folder = mkdtempSync(join(tmpdir(), "reproduce-"));
  try {
    const first = given ?? (await packed(join(folder, "one")));
    const second = await packed(join(folder, "another/of/a/longer/name"));
    const differing = differences(first, second);
    if (differing.length > 0) throw new Failure(`not the same: ${differing.join(", ")}`);
    const hash = createHash("sha256").update(readFileSync(second)).digest("hex");
    say(`the same bytes; sha256 of the package: ${hash}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** The package of a fresh clone in that folder. */
async function packed(folder) {
  await run("git", ["clone", "--quiet", "--no-local", root, folder]);
  // What comes from the registries is compiled once; cargo takes what lies in another folder, all that is
  // ours, for another crate, and compiles it anew.
  const env = { ...process.env, CARGO_TARGET_DIR: targetDir };
  await run(process.execPath, ["scripts/build.mjs", "--client"], { cwd: folder, env });
  await run(process.execPath, ["scripts/integrity.mjs", "--readme"], { cwd: folder, env });
  const args = ["pack", "--json", "--ignore-scripts", "--pack-destination", folder];
  const { ok, stdout, stderr } = ask("npm", args, { cwd: folder, env });
  if (!ok) throw new Failure(stderr);
  return join(folder, JSON.parse(stdout)[0].filename);
}

/** The files that are in one package alone, or differ. */
export function differences(first, second) {
  const [one, other] = [first, second].map((file) => unpacked(readFileSync(file)));
  const names = new Set([...one.keys(), ...other.keys()]);
  return [...names].filter((name) => !one.has(name) || !other.has(name) || !one.get(name).equals(other.get(name)));
}
