// The page's server: what it serves, as what, and what it refuses.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { serve } from "../../scripts/lib/serve.mjs";

const folder = mkdtempSync(join(tmpdir(), "cognito-flow-serve-"));
let server;

before(async () => {
  mkdirSync(join(folder, "page/deep"), { recursive: true });
  mkdirSync(join(folder, "package"));
  writeFileSync(join(folder, "page/index.html"), "<p>page");
  writeFileSync(join(folder, "page/deep/index.html"), "<p>deep");
  writeFileSync(join(folder, "page/.stamp"), "hidden");
  writeFileSync(join(folder, "package/index.js"), "export {};");
  writeFileSync(join(folder, "package/module.wasm"), "\0asm");
  writeFileSync(join(folder, "secret.txt"), "secret");
  const mounts = { "/": join(folder, "page"), "/package/": join(folder, "package") };
  server = await serve({ mounts });
});
after(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

const types = {
  "/": "text/html; charset=utf-8",
  "/deep/": "text/html; charset=utf-8",
  "/package/index.js": "text/javascript; charset=utf-8",
  "/package/module.wasm": "application/wasm",
};
for (const [path, type] of Object.entries(types)) {
  test(`${path} is served as ${type}`, async () => {
    const response = await fetch(new URL(path, server.url));
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("content-type"), type);
    assert.notEqual(await response.text(), "");
  });
}

test("every answer, an error too, carries the headers of the page", async () => {
  for (const path of ["/", "/missing"]) {
    const { headers } = await fetch(new URL(path, server.url));
    const policy = headers.get("content-security-policy");
    assert.match(policy, /^default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; /);
    assert.match(policy, /; connect-src 'self'; /);
    assert.match(policy, /; trusted-types 'none'; require-trusted-types-for 'script'$/);
    assert.doesNotMatch(policy, /'unsafe-(inline|eval)'/);
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.get("referrer-policy"), "no-referrer");
    assert.equal(headers.get("cross-origin-resource-policy"), "same-origin");
  }
});

test("a page may connect to its pool's region, and nobody who writes its address adds to that", async () => {
  const connect = async (query) => {
    const { headers } = await fetch(new URL(`/?${query}`, server.url));
    return /connect-src ([^;]*)/.exec(headers.get("content-security-policy"))[1];
  };
  const amazon = "https://cognito-idp.eu-west-1.amazonaws.com";
  assert.equal(await connect("pool=eu-west-1_Ab&client=c"), `'self' ${amazon}`);
  const local = "endpoint=http://127.0.0.1:9229/";
  assert.equal(await connect(`pool=x_Ab&client=c&${local}`), "'self' http://127.0.0.1:9229");
  for (const endpoint of ["https://evil.example/", "http://127.0.0.1:1%20https://evil.example/"]) {
    assert.equal(await connect(`pool=x_Ab&client=c&endpoint=${endpoint}`), "'self'");
  }
});

const refused = [
  "/../secret.txt",
  "/%2e%2e/secret.txt",
  "/..%2fsecret.txt",
  "/package/..%2f..%2fsecret.txt",
  "/package/%2e%2e%2f%2e%2e%2fsecret.txt",
  "//secret.txt",
  "/..%5csecret.txt",
  "/%00",
  "/%ff",
  "/.stamp",
  "/deep/%2e%2e/.stamp",
  "/missing.js",
];
for (const target of refused) {
  test(`${target} is not found`, async () => {
    const answer = await raw(`GET ${target} HTTP/1.1`);
    assert.match(answer, /^HTTP\/1\.1 404 /);
    assert.doesNotMatch(answer, /secret$|hidden/m);
  });
}

test("only GET and HEAD are answered", async () => {
  const posted = await fetch(server.url, { method: "POST", body: "x" });
  assert.equal(posted.status, 405);
  const head = await fetch(server.url, { method: "HEAD" });
  assert.equal(head.headers.get("content-length"), "7");
});

test("it listens on loopback alone", () => {
  assert.match(server.url, /^http:\/\/127\.0\.0\.1:\d+\/$/);
});

/** A request as it stands: `fetch` would tidy the path up. */
function raw(line) {
  return new Promise((done, fail) => {
    const socket = connect(server.port, "127.0.0.1");
    let text = "";
    socket.on("data", (chunk) => (text += chunk)).on("end", () => done(text)).on("error", fail);
    socket.write(`${line}\r\nhost: localhost\r\nconnection: close\r\n\r\n`);
  });
}
