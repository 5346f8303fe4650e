// The files of an npm package, read without unpacking it to the disk.
import { gunzipSync } from "node:zlib";

const BLOCK = 512;

/** Name → content. npm writes plain ustar: a header, the content, zeros up to a whole block. */
export function unpacked(tgz) {
  const tar = gunzipSync(tgz);
  const files = new Map();
  for (let at = 0; at + BLOCK <= tar.length && tar[at] !== 0; ) {
    const text = (from, length) => tar.toString("utf8", at + from, at + from + length).replace(/\0.*$/s, "");
    const size = parseInt(text(124, 12), 8);
    const prefix = text(345, 155);
    const name = text(0, 100);
    const start = at + BLOCK;
    files.set(prefix === "" ? name : `${prefix}/${name}`, tar.subarray(start, start + size));
    at = start + Math.ceil(size / BLOCK) * BLOCK;
  }
  return files;
}
