// Building only what is out of date: a step is done again when the content of its inputs changed.
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

/**
 * Runs `body` unless every output is there and was made from inputs with the same content.
 * Inputs and outputs are files or folders; `versions` is what else the result depends on.
 */
export async function step({ stamp, inputs, outputs, versions = [] }, body) {
  const hash = createHash("sha256").update(JSON.stringify(versions));
  for (const file of inputs.flatMap(filesBelow)) hash.update(file).update(readFileSync(file));
  const wanted = hash.digest("hex");
  const made = existsSync(stamp) ? readFileSync(stamp, "utf8") : null;
  if (made === wanted && outputs.every((path) => existsSync(path))) return false;
  await body();
  write(stamp, wanted);
  return true;
}

/** Writes a file whole or not at all: a server or another build may be reading it. */
export function write(file, content) {
  mkdirSync(dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}.tmp`;
  writeFileSync(temporary, content);
  renameSync(temporary, file);
}

export function filesBelow(path) {
  if (!statSync(path).isDirectory()) return [path];
  const names = readdirSync(path).sort();
  return names.flatMap((name) => filesBelow(join(path, name)));
}
