// One page per client: bundled by esbuild, served on 127.0.0.1.
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";

// The project's own: one of the peers brings an older one along.
const { build } = createRequire(new URL("../package.json", import.meta.url))("esbuild");

const here = import.meta.dirname;

/** Bundles a client with the page around it, minified as for production: what is to be served, by its path. */
export async function bundle(name) {
  const client = join(here, "clients", `${name}.js`);
  const { outputFiles } = await build({
    entryPoints: [join(here, "page/main.js")],
    alias: { client },
    bundle: true,
    minify: true,
    write: false,
    outdir: "/",
    entryNames: name,
    // One file for each, but for the one whose point is that it is in two.
    splitting: name === "cognito-flow-lean",
    format: "esm",
    platform: "browser",
    target: "es2022",
    define: { global: "globalThis" },
    logLevel: "error",
  });
  return outputFiles.map(({ path, contents }) => [path, contents]);
}

/** Serves `files` (by path: type and content); answers with the origin and how to stop. */
export async function serve(files) {
  const server = createServer((request, response) => {
    const file = files[request.url];
    if (file === undefined) return response.writeHead(404).end();
    response.writeHead(200, { "content-type": file.type, "cache-control": "no-store" });
    response.end(file.content);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => new Promise((resolve) => server.close(resolve));
  return { origin: `http://127.0.0.1:${server.address().port}`, close };
}
