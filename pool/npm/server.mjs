// The pool's module behind node:http. One thread does all of it; a request is one call into the module.
import { generateKeyPair } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { promisify } from "node:util";
import { ArgsError, readArgs } from "./args.mjs";
import { cors, isThisMachine } from "./cors.mjs";
import { ask } from "./functions.mjs";
import { loadPool } from "./pool.mjs";

export { ArgsError };

const MAX_BODY = 1 << 20;
const MAX_IMPORT = 256 << 20;
const MAX_STREAMS = 256;
const KEEP_ALIVE = 15_000;

/**
 * Starts the pool by a command line: `{ endpoint, text, close() }`, `text` being what the program prints.
 * An ArgsError says what is wrong with the line.
 */
export async function startPool(line = []) {
  const args = readArgs(line);
  const [LocalPool, key] = await Promise.all([loadPool(), signingKey(args)]);
  const server = createServer({
    maxHeaderSize: 32 * 1024,
    requestTimeout: args.clientTimeout * 1000,
    headersTimeout: args.clientTimeout * 1000,
    keepAliveTimeout: 60_000,
    requireHostHeader: true,
  });
  server.maxConnections = 1024;
  server.listen(args.port, args.host);
  await once(server, "listening");
  try {
    return serve(server, args, LocalPool, key);
  } catch (error) {
    server.close();
    throw error;
  }
}

/** Does not wait for anything: who called while it did would never be answered. */
function serve(server, args, LocalPool, key) {
  const { address, port, family } = server.address();
  const own = `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
  const endpoint = args.endpoint ?? own;
  const loopback = isThisMachine(address);
  const control = args.control || loopback;
  const options = {
    region: args.region,
    endpoint,
    issuer: args.issuer ?? endpoint,
    strictSms: args.strictSms,
    guide2017: args.guide2017,
    control,
    requestsPerSecond: args.requestsPerSecond,
    seed: args.seed,
    key,
    triggers: args.triggers,
    lambdaEndpoint: args.lambdaEndpoint,
  };
  const pool = new LocalPool(JSON.stringify(options));
  const now = args.clock === undefined ? Date.now : () => args.clock;
  let text = `cognito-pool listens at ${own}\n${control ? pool.windowLine() : ""}`;
  for (const path of args.pools.length === 0 ? [undefined] : args.pools) {
    try {
      text += pool.createDescribed(path === undefined ? undefined : readFileSync(path, "utf8"), now()).text;
    } catch (error) {
      throw new Error(`${path ?? "the built-in pool"}: ${error.message}`, { cause: error });
    }
  }
  const streams = new Streams(pool);
  const log = logger(args.log);
  const rules = { allowOrigins: args.allowOrigins, isUnsigned: (name) => LocalPool.isUnsigned(name) };

  server.on("request", async (request, response) => {
    const began = performance.now();
    let reply;
    try {
      reply = await answer(request, response);
    } catch (error) {
      reply = fault(500, "InternalErrorException", error.message);
    }
    if (reply === undefined) return;
    send(response, reply);
    log(request, reply, performance.now() - began);
  });

  async function answer(request, response) {
    if (request.headersDistinct.host?.length > 1) return fault(400, "BadRequest", "A request has one Host.");
    const { refused, headers, preflight } = cors(request, rules);
    if (refused) {
      const who = "This is for pages of this machine or of an --allow-origin, and for programs, which send no Origin.";
      return fault(403, "ForbiddenException", who);
    }
    if (preflight) return { status: 200, headers: Object.entries(headers), body: "" };
    const path = request.url.split("?")[0];
    const hidden = !control || (!args.control && !isThisMachine(request.headers.host));
    let reply;
    if (path === "/health") {
      reply = { status: 200, headers: [["content-type", "application/json"]], body: '{"status":"ok"}' };
    } else if (path.startsWith("/_pool/") && hidden) {
      reply = fault(404, "NotFound", "");
    } else if (path === "/_pool/events" && request.method === "GET") {
      streams.open(request, response, headers);
      return undefined;
    } else if (!["GET", "HEAD", "POST"].includes(request.method)) {
      reply = fault(405, "MethodNotAllowed", "");
    } else {
      const body = await read(request, path === "/_pool/import" ? MAX_IMPORT : MAX_BODY);
      reply = body.status === undefined ? await handle(request, body.text) : body;
    }
    return { ...reply, headers: [...reply.headers, ...Object.entries(headers)] };
  }

  async function handle(request, body) {
    // Whatever a client says of its own address, the connection knows better.
    const headers = { ...flat(request.headers), "x-forwarded-for": request.socket.remoteAddress ?? "" };
    let reply = pool.handle(request.method, request.url, JSON.stringify(headers), body, now());
    while (reply.asks !== undefined) {
      const said = await ask(reply.asks);
      reply = pool.answer(reply.asks.id, said?.status, said?.error, said?.body ?? "", now());
    }
    streams.tell();
    return reply;
  }

  return {
    endpoint: own,
    text,
    /** Lets open requests finish, ten seconds at most. */
    close() {
      streams.close();
      const closed = new Promise((done) => server.close(done));
      server.closeIdleConnections();
      setTimeout(() => server.closeAllConnections(), 10_000).unref();
      return closed;
    },
  };
}

/** A name that came twice has its values in one. */
function flat(headers) {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

async function read(request, most) {
  const parts = [];
  let length = 0;
  try {
    for await (const part of request) {
      length += part.length;
      if (length <= most) parts.push(part);
      else parts.length = 0;
    }
  } catch {
    return closing(fault(400, "SerializationException", "The body did not arrive whole."));
  }
  if (length <= most) return { text: Buffer.concat(parts).toString() };
  const why = `The body is longer than ${most >> 20} MiB.`;
  return closing(fault(413, "RequestEntityTooLargeException", why));
}

function fault(status, name, message) {
  const headers = [
    ["content-type", "application/x-amz-json-1.1"],
    ["x-amzn-errortype", `${name}:`],
  ];
  return { status, headers, body: JSON.stringify({ __type: name, message }) };
}

const closing = (reply) => ({ ...reply, headers: [...reply.headers, ["connection", "close"]] });

function send(response, { status, headers, body }) {
  for (const [name, value] of headers) {
    const before = response.getHeader(name);
    try {
      response.setHeader(name, before === undefined ? value : [before, value].flat());
    } catch {
      // What cannot stand in a header is left out rather than turned into a failure.
    }
  }
  response.writeHead(status);
  response.end(body);
}

/** The streams of events: who comes back with `Last-Event-ID` misses nothing. */
class Streams {
  #open = new Map();
  #pool;

  constructor(pool) {
    this.#pool = pool;
  }

  open(request, response, headers) {
    const last = Number(request.headers["last-event-id"] ?? 0);
    response.writeHead(200, { ...headers, "content-type": "text/event-stream", "cache-control": "no-cache" });
    response.flushHeaders();
    const [oldest] = this.#open.keys();
    if (this.#open.size >= MAX_STREAMS) oldest.end();
    const alive = setInterval(() => response.write(":\n\n"), KEEP_ALIVE);
    this.#open.set(response, Number.isSafeInteger(last) && last > 0 ? last : 0);
    response.on("close", () => {
      clearInterval(alive);
      this.#open.delete(response);
    });
    this.#send(response);
  }

  tell() {
    for (const response of this.#open.keys()) this.#send(response);
  }

  #send(response) {
    let sent = this.#open.get(response);
    if (sent >= this.#pool.sequence()) return;
    let text = "";
    const events = JSON.parse(this.#pool.events(sent));
    // Who was away for long does not get what there is no more.
    sent = this.#pool.sequence() - events.length;
    for (const { event, ...data } of events) {
      sent += 1;
      text += `id: ${sent}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
    }
    this.#open.set(response, sent);
    response.write(text);
  }

  close() {
    for (const response of this.#open.keys()) response.end();
  }
}

/** The key of a file, made if it is not there; a new one; of a seed the one that everybody has. */
async function signingKey({ key, seed }) {
  if (key !== undefined && existsSync(key)) return readFileSync(key, "utf8");
  if (key === undefined && seed !== undefined) return undefined;
  const { privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
  const pem = privateKey.export({ type: "pkcs8", format: "pem" });
  if (key !== undefined) writeFileSync(key, pem, { mode: 0o600, flag: "wx" });
  return pem;
}

/** A line for each request, with nothing of what its client sent but an operation's name. */
function logger(format) {
  if (format === "off") return () => {};
  return (request, reply, took) => {
    const operation = (request.headers["x-amz-target"] ?? "").split(".").at(-1);
    const path = request.url.split("?")[0];
    const known = /^\/(_pool\/(outbox|deliveries|spending|clock|events)?|health|confirmUser)$/.test(path);
    const what = /^[A-Za-z0-9]{1,64}$/.test(operation) ? operation : known ? path : "other";
    const header = (wanted) => reply.headers.find(([name]) => name === wanted)?.[1] ?? "";
    const error = header("x-amzn-errortype").replace(/:$/, "");
    const fields = { what, status: reply.status, error, micros: Math.round(took * 1000), id: header("x-amzn-requestid") };
    const timestamp = new Date().toISOString();
    const line =
      format === "json"
        ? JSON.stringify({ timestamp, level: "INFO", message: "request", ...fields })
        : `${timestamp}  INFO request ${Object.entries(fields).map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(" ")}`;
    process.stderr.write(`${line}\n`);
  };
}
