// The npm package, which runs the pool's module in Node: the journeys of the SDK and boto3 against it, its
// command line, and what its server must not do.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { connect } from "node:net";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import * as sdk from "@aws-sdk/client-cognito-identity-provider";
import { NAMES } from "../../npm/args.mjs";
import * as journeys from "./journeys.mjs";
import { freePort } from "../../../scripts/lib/ports.mjs";
import { OPTIONAL, person, startNodeServer } from "./server.mjs";

const program = resolve(import.meta.dirname, "../../npm/cognito-pool.mjs");

let server;
let call;
let functions;
let answers;
before(async () => {
  functions = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    answers(JSON.parse(body), response);
  });
  await once(functions.listen(0, "127.0.0.1"), "listening");
  answers = (event, response) => response.end(JSON.stringify(event));
  const url = `http://127.0.0.1:${functions.address().port}/`;
  server = await startNodeServer(["--trigger", `PreSignUp=${url}`]);
  const client = new sdk.CognitoIdentityProviderClient({
    endpoint: server.endpoint,
    region: "eu-west-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  call = async (operation, input) => {
    const { $metadata, ...output } = await client.send(new sdk[`${operation}Command`](input));
    return output;
  };
});
after(async () => {
  if (server) assert.ok(await server.stop(), "it ends well when told to");
  functions?.close();
});

for (const journey of ["phoneAndEmail", "secondFactors", "sessions", "forgottenPassword", "requiredFactor"]) {
  test(`AWS SDK v3 against Node: ${journey}`, () => journeys[journey](call, server));
}

test("boto3 against Node", async () => {
  const env = { ...process.env, ENDPOINT: server.endpoint, PYTHONDONTWRITEBYTECODE: "1" };
  const child = spawn(process.env.PYTHON ?? "python3", ["test_boto3.py", "--verbose"], { cwd: import.meta.dirname, env });
  let report = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (report += data));
  const [code] = await once(child, "close");
  assert.equal(code, 0, report);
  assert.match(report, /^Ran [1-9]\d* tests? in /m);
});

test("who knocks while it starts is answered", async () => {
  const port = await freePort();
  const child = spawn(process.execPath, [program, "--listen", `127.0.0.1:${port}`, "--log", "off"], { stdio: "ignore" });
  try {
    const until = Date.now() + 20_000;
    const knock = () =>
      fetch(`http://127.0.0.1:${port}/health`, { signal: AbortSignal.timeout(5000) }).catch((error) => {
        if (error.name === "TimeoutError" || Date.now() > until) throw error;
      });
    let answered;
    while (!answered) answered = await knock();
    assert.equal(answered.status, 200);
  } finally {
    child.kill();
  }
});

test("a function behind a URL decides, and is asked once", async () => {
  const { username: Username, password: Password } = person();
  const input = { ClientId: OPTIONAL.clientId, Username, Password };
  let asked = 0;
  const own = answers;
  try {
    answers = (_, response) => response.end('{"errorMessage":"not you"}');
    await assert.rejects(call("SignUp", input), {
      name: "UserLambdaValidationException",
      message: "PreSignUp failed with error not you.",
    });
    answers = (event, response) => {
      asked += 1;
      event.response.autoConfirmUser = true;
      response.end(JSON.stringify(event));
    };
    assert.equal((await call("SignUp", input)).UserConfirmed, true);
    assert.equal(asked, 1);
  } finally {
    answers = own;
  }
});

test("pages of elsewhere and foreign hosts do not reach what is this machine's", async () => {
  const headers = {
    "content-type": "application/x-amz-json-1.1",
    "x-amz-target": "AWSCognitoIdentityProviderService.ListUserPools",
  };
  const list = (origin) =>
    fetch(server.endpoint, { method: "POST", headers: { ...headers, origin }, body: '{"MaxResults":1}' });
  assert.equal((await list("https://evil.example")).status, 403);
  const local = await list("http://localhost:3000");
  assert.equal(local.status, 200);
  assert.equal(local.headers.get("access-control-allow-origin"), "http://localhost:3000");
  const preflight = await fetch(server.endpoint, {
    method: "OPTIONS",
    headers: {
      origin: "https://app.example",
      "access-control-request-method": "POST",
      "access-control-request-headers": "content-type,x-amz-target",
    },
  });
  assert.equal(preflight.headers.get("access-control-allow-origin"), "*");
  assert.match(await raw("GET /_pool/outbox HTTP/1.1\r\nhost: pool.example\r\n"), /^HTTP\/1\.1 404 /);
  assert.match(await raw("GET /health HTTP/1.1\r\nhost: a\r\nhost: b\r\n"), /^HTTP\/1\.1 400 /);
  const long = await fetch(server.endpoint, { method: "POST", headers, body: "x".repeat((1 << 20) + 1) });
  assert.equal(long.status, 413);
});

/** What is answered to a head, on a connection of its own. */
async function raw(head) {
  const { hostname, port } = new URL(server.endpoint);
  const socket = connect(Number(port), hostname);
  socket.end(`${head}connection: close\r\n\r\n`);
  let text = "";
  for await (const part of socket) text += part;
  return text;
}

test("messages come as events, from where a client left off", async () => {
  const { username: Username, password: Password, email, phone } = person();
  const UserAttributes = [
    { Name: "email", Value: email },
    { Name: "phone_number", Value: phone },
  ];
  await call("SignUp", { ClientId: OPTIONAL.clientId, Username, Password, UserAttributes });
  const read = async (last) => {
    const abort = new AbortController();
    const headers = last === undefined ? {} : { "last-event-id": String(last) };
    const reply = await fetch(`${server.endpoint}/_pool/events`, { signal: abort.signal, headers });
    let text = "";
    for await (const part of reply.body.pipeThrough(new TextDecoderStream())) {
      text += part;
      if (text.includes(phone)) break;
    }
    return text;
  };
  const all = await read();
  const last = Number(/id: (\d+)\nevent: message\ndata: [^\n]*$/m.exec(all.slice(0, all.lastIndexOf(phone)))[1]);
  const rest = await read(last - 1);
  assert.ok(rest.startsWith(`id: ${last}\nevent: message\n`), rest.slice(0, 80));
});

test("both programs know the same functions", () => {
  const source = readFileSync(join(import.meta.dirname, "../../src/triggers/remote.rs"), "utf8");
  const [, list] = /NAMES: \[&str; \d+\] = \[(.*?)\];/s.exec(source);
  assert.deepEqual(NAMES, JSON.parse(`[${list.trim().replace(/,$/, "")}]`));
});

test("the command line says what it takes, and what only the native program does", () => {
  const run = (...args) => spawnSync(process.execPath, [program, ...args], { encoding: "utf8" });
  const help = run("--help");
  assert.equal(help.status, 0);
  for (const option of ["listen", "pool", "trigger", "key", "seed", "log"]) assert.ok(help.stdout.includes(`--${option} `));
  assert.match(run("--version").stdout, /^cognito-pool \d+\.\d+\.\d+\n$/);
  for (const [args, words] of [
    [["--data", "pool.db"], /--data is an option of the native program/],
    [["--pool", join(import.meta.dirname, "optional.toml")], /here descriptions are JSON/],
    [["--trigger", "PreSignup=http://a"], /NAME one of PreSignUp/],
    [["--trigger", "PreSignUp=https://a"], /without TLS/],
    [["--listen", "9229"], /ADDRESS:PORT/],
    [["--nonsense"], /nonsense/],
  ]) {
    const { status, stderr } = run(...args);
    assert.equal(status, 2, args.join(" "));
    assert.match(stderr, words);
  }
  const missing = run("--pool", "/no/such/pool.json");
  assert.equal(missing.status, 1);
  assert.match(missing.stderr, /no such file/i);
});
