// The licences of what is compiled into the published module, for the package to carry along.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { Failure, ask } from "./run.mjs";

/** One text: every crate that is linked into `name` for wasm, and the words of its licence. */
export function notices(name) {
  const crates = linkedCrates(name).sort((a, b) => (a.name < b.name ? -1 : 1));
  const texts = new Map();
  for (const crate of crates) {
    for (const text of licenceTexts(crate)) {
      const key = createHash("sha256").update(text.replace(/\s+/g, " ")).digest("hex");
      const entry = texts.get(key) ?? { text, crates: [] };
      entry.crates.push(`${crate.name} ${crate.version}`);
      texts.set(key, entry);
    }
  }
  const rule = `\n${"-".repeat(100)}\n\n`;
  const list = crates.map(
    ({ name, version, license, repository }) => `  ${name} ${version} (${license}) ${repository ?? ""}`,
  );
  const head =
    `${name} contains these works in compiled form, under the licences named beside them. Where\n` +
    `there is a choice, it is used under the MIT licence.\n\n${list.join("\n")}\n` +
    "  the Rust standard library (MIT OR Apache-2.0)\n";
  return [head, ...[...texts.values()].map((it) => `${it.crates.join(", ")}\n\n${it.text}\n`)].join(rule);
}

/** What is linked: normal dependencies, without procedural macros, which end at compile time. */
function linkedCrates(name) {
  const flags = ["--format-version=1", "--locked", "--filter-platform=wasm32-unknown-unknown"];
  const { ok, stdout, stderr } = ask("cargo", ["metadata", ...flags]);
  if (!ok) throw new Failure(`cargo metadata: ${stderr}`);
  const { packages, resolve } = JSON.parse(stdout);
  const byId = new Map(packages.map((crate) => [crate.id, crate]));
  const nodes = new Map(resolve.nodes.map((node) => [node.id, node]));
  const found = new Set();
  const visit = (id) => {
    const macro = byId.get(id).targets.some(({ kind }) => kind.includes("proc-macro"));
    if (macro || found.has(id)) return;
    found.add(id);
    for (const { pkg, dep_kinds } of nodes.get(id).deps) {
      if (dep_kinds.some(({ kind }) => kind === null)) visit(pkg);
    }
  };
  const start = packages.find((crate) => crate.name === name && crate.source === null);
  visit(start.id);
  found.delete(start.id);
  return [...found].map((id) => byId.get(id));
}

/** None where the crate is published without: then its line in the list is what there is. */
function licenceTexts({ manifest_path }) {
  const folder = dirname(manifest_path);
  const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
  const names = files.map(({ name }) => name).filter((name) => /^(licen[cs]e|copying|notice)/i.test(name));
  // The MIT text suffices where there is a choice, and is a tenth of the other.
  const mit = names.filter((name) => /mit/i.test(name));
  const chosen = mit.length > 0 ? mit : names;
  return chosen.sort().map((name) => readFileSync(join(folder, name), "utf8").trim());
}
