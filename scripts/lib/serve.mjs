// The server of the page: some folders under 127.0.0.1, with the headers a deployment should send.
import { createReadStream, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize, sep } from "node:path";
import { pipeline } from "node:stream";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { connectSources } from "../../www/demo/address.js";
import { root, targetDir } from "./run.mjs";

/** Which folder answers for which path; the longest prefix wins. */
export const MOUNTS = {
  "/": join(root, "www"),
  "/ui/": join(root, "ui"),
  "/ui/lean-qr/": join(root, "node_modules/lean-qr"),
  "/cognito-flow/": join(root, "dist"),
  "/cognito-pool/": join(root, "build/pool"),
  "/docs/": join(root, "docs"),
  // What `?story=NAME` plays; found by a search: `?story=found/latest`.
  "/stories/": join(root, "tests/proof/stories"),
  "/stories/found/": join(targetDir, "tmp/stories"),
};

/** For `connect`: any server on this machine. */
export const LOOPBACK = "http://127.0.0.1:*";

/**
 * A page's policy. `wasm-unsafe-eval` lets WebAssembly compile and nothing else; no Trusted Type can
 * be made, and nothing that takes one be used. `connect` says where, besides to its own origin, the
 * page may connect.
 */
export function contentSecurityPolicy(...connect) {
  return [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    "img-src 'self' data:",
    ["connect-src 'self'", ...connect].join(" "),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "trusted-types 'none'",
    "require-trusted-types-for 'script'",
  ].join("; ");
}

const HEADERS = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-cache",
};

const TYPES = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".md": "text/plain; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".ts": "text/plain; charset=utf-8",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
};

/**
 * Serves folders on 127.0.0.1. Port 0 means any free one; `headers` are added to the usual ones,
 * or take their place; `answers` are paths that a function answers for instead, with the headers set. A
 * page may connect to where the pool is that its query names. Answers with `{ url, port, close() }`.
 */
export async function serve({ port = 0, mounts = MOUNTS, headers = {}, answers = {} } = {}) {
  const server = createServer((request, response) => {
    const search = /\?.*/.exec(request.url)?.[0] ?? "";
    const policy = contentSecurityPolicy(...connectSources(search));
    const own = { "content-security-policy": policy, ...HEADERS, ...headers };
    for (const [name, value] of Object.entries(own)) response.setHeader(name, value);
    const path = request.url.split("?", 1)[0];
    if (Object.hasOwn(answers, path)) answers[path](request, response);
    else answer(request, response, mounts);
  });
  await new Promise((done, fail) => {
    server.once("error", fail);
    server.listen(port, "127.0.0.1", done);
  });
  const actual = server.address().port;
  return {
    port: actual,
    url: `http://127.0.0.1:${actual}/`,
    close() {
      server.closeAllConnections();
      return new Promise((done) => server.close(done));
    },
  };
}

function answer(request, response, mounts) {
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.writeHead(405, { allow: "GET, HEAD" }).end();
    return;
  }
  const file = locate(request.url, mounts);
  if (file === null) {
    response.writeHead(404, { "content-type": "text/plain; charset=utf-8" }).end("Not found\n");
    return;
  }
  const type = { "content-type": TYPES[extname(file.path)] ?? "application/octet-stream" };
  if (extname(file.path) === ".wasm") {
    answerCompressed(request, response, file, type);
    return;
  }
  response.writeHead(200, { ...type, "content-length": file.size });
  if (request.method === "HEAD") response.end();
  // The file may go while it is read (a build replaces it): the connection is cut, no more.
  else pipeline(createReadStream(file.path), response, () => {});
}

/** Those that are worth it, by their names in `Accept-Encoding`. Level 9 takes a second, 11 many. */
const ENCODINGS = {
  br: (bytes) =>
    promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
  gzip: promisify(gzip),
};

/** What was compressed, by file, its age and the encoding. */
const compressed = new Map();

/** A module: on a slow line the pool's took half a minute as it is. */
async function answerCompressed(request, response, { path, size, modified }, type) {
  const accepted = (request.headers["accept-encoding"] ?? "").split(",").map((it) => it.trim());
  const encoding = Object.keys(ENCODINGS).find((name) => accepted.includes(name));
  try {
    const key = [path, size, modified, encoding].join();
    if (!compressed.has(key)) {
      compressed.set(key, readFile(path).then(ENCODINGS[encoding] ?? ((bytes) => bytes)));
    }
    const body = await compressed.get(key);
    const encoded = encoding === undefined ? {} : { "content-encoding": encoding };
    const length = { "content-length": body.length, vary: "accept-encoding" };
    response.writeHead(200, { ...type, ...encoded, ...length });
    response.end(request.method === "HEAD" ? undefined : body);
  } catch {
    // It went while it was read.
    compressed.clear();
    response.destroy();
  }
}

/** The file that a request's target names, or null: never one outside the mounted folders. */
function locate(target, mounts) {
  let path;
  try {
    path = decodeURIComponent(target.split(/[?#]/, 1)[0]);
  } catch {
    return null;
  }
  if (path.includes("\0") || path.includes("\\")) return null;
  const prefixes = Object.keys(mounts).sort((a, b) => b.length - a.length);
  const prefix = prefixes.find((candidate) => path.startsWith(candidate));
  if (prefix === undefined) return null;

  const below = normalize(`${sep}${path.slice(prefix.length)}`);
  // Names with a leading dot are the build's own stamps, never content.
  if (below.split(sep).some((name) => name.startsWith("."))) return null;
  const full = join(mounts[prefix], below);
  return fileAt(full) ?? fileAt(join(full, "index.html"));
}

function fileAt(path) {
  try {
    const stat = statSync(path);
    return stat.isFile() ? { path, size: stat.size, modified: stat.mtimeMs } : null;
  } catch {
    return null;
  }
}
