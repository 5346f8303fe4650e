// The local user pool in a page: a `fetch` that never leaves the tab.
//
// The wasm-bindgen output for the crate cognito-pool (target "web": cognito_pool.js and
// cognito_pool_bg.wasm) stands beside this file.

import init, { LocalPool } from "./cognito_pool.js";

let loading;

/**
 * Starts a local user pool.
 *
 * @param {object} [given]
 * @param {string | null} [given.state]  what `save()` gave earlier
 * @param {() => number} [given.now]     the clock, in milliseconds since the epoch
 * @param {object} [given.options]       `region`, `issuer`, `endpoint`, `strictSms`, `guide2017`, `control`, `requestsPerSecond`
 * @param {number} [given.latencyMs]     how long each reply takes
 * @param {BufferSource | WebAssembly.Module | URL | string} [given.wasm]  the module, where it cannot be fetched from beside this file (Node)
 * @param {(name: string, event: object) => object | undefined} [given.triggers]  stands for Lambda functions
 */
export async function createLocalPool({
  state = null,
  now = Date.now,
  options = {},
  latencyMs = 0,
  wasm,
  triggers,
} = {}) {
  await (loading ??= init(wasm && { module_or_path: wasm }));
  const pool = new LocalPool(
    JSON.stringify({ endpoint: globalThis.location?.origin, ...options }),
    state ?? undefined,
  );
  if (triggers) pool.setTriggers(triggers);
  const listeners = new Set();
  let sequence = pool.sequence();

  /** Calls listeners after the reply is on its way, with nothing borrowed. */
  function notify() {
    const latest = pool.sequence();
    if (latest === sequence) return;
    sequence = latest;
    queueMicrotask(() => {
      for (const listener of [...listeners]) {
        try {
          listener();
        } catch (error) {
          // One listener's mistake is not another's.
          globalThis.reportError?.(error);
        }
      }
    });
  }

  function handle(method, path, headers, body) {
    // As a browser would say who it is.
    const all = { "user-agent": globalThis.navigator?.userAgent, ...headers };
    const reply = pool.handle(method, path, JSON.stringify(all), body, now());
    notify();
    return reply;
  }

  /** A drop-in for `fetch`: resolves with a `Response`, later, and honours `signal`. */
  async function fetch(input, init) {
    // A relative address means this page; where there is none, any base will do.
    const base = globalThis.location?.href ?? "http://local-pool.invalid/";
    const absolute = input instanceof Request ? input : new URL(input, base);
    const request = new Request(absolute, init);
    const body = request.method === "GET" || request.method === "HEAD" ? "" : await request.text();
    await pause(latencyMs, request.signal);
    const { pathname, search } = new URL(request.url);
    const reply = handle(request.method, pathname + search, Object.fromEntries(request.headers), body);
    return new Response(reply.body, { status: reply.status, headers: reply.headers });
  }

  const ownCookies = new Map();

  /**
   * What a browser window would be shown at an address of managed login: the pool's own redirects
   * are followed, its cookies kept (in a Map, the caller's if one is given). `{ status, url, title,
   * body, headers }`, `body` being a page without scripts; or `{ away }`, the address of the app that
   * the person is led back to. A form of the page is posted to its `action` as URLSearchParams.
   */
  function page(address, { method = "GET", body = "", cookies = ownCookies } = {}) {
    body = String(body);
    // More redirects than the pool has in a row would be a mistake of its own.
    for (let url = new URL(address, "http://local-pool.invalid/"), left = 10; left > 0; left--) {
      const reply = handle(method, url.pathname + url.search, pageHeaders(method, cookies), body);
      keepCookies(cookies, reply.headers);
      const location = reply.headers.find(([name]) => name === "location")?.[1];
      if (location === undefined) {
        const title = plain(/<title>(.*?)<\/title>/.exec(reply.body)?.[1] ?? "");
        return { ...reply, url: url.pathname + url.search, title };
      }
      if (!location.startsWith("/")) return { away: location };
      [url, method, body] = [new URL(location, url), "GET", ""];
    }
    throw new Error("managed login leads in a circle");
  }

  /** Reads or changes something of the control surface, such as `outbox` or `clock`. */
  function control(name, input) {
    const reply =
      input === undefined
        ? handle("GET", `/_pool/${name}`, {}, "")
        : handle("POST", `/_pool/${name}`, { "content-type": "application/json" }, JSON.stringify(input));
    if (reply.status !== 200) throw new Error(`/_pool/${name} answered ${reply.status}`);
    return JSON.parse(reply.body);
  }

  return Object.freeze({
    fetch,

    /**
     * A request as a whole browser would send it, for the pages of managed login: with cookies, which a
     * `fetch` may neither send nor see. Answers `{ status, headers: [[name, value], …], body }`.
     */
    request: (method, path, headers = {}, body = "") => handle(method, path, headers, body),

    /** Calls an operation such as `CreateUserPool`; throws an Error named as the exception. */
    call(operation, input) {
      const headers = {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": `AWSCognitoIdentityProviderService.${operation}`,
      };
      const reply = handle("POST", "/", headers, JSON.stringify(input));
      const output = JSON.parse(reply.body);
      if (reply.status === 200) return output;
      const error = new Error(output.message);
      error.name = output.__type;
      throw error;
    },

    /** Makes a user pool and its clients from one description: `{ userPoolId, clientIds }`. */
    createUserPool: (description) => pool.createUserPool(JSON.stringify(description), now()),

    page,

    /** The messages sent to `to`, or all of them, oldest first. */
    outbox: (to) => control(to === undefined ? "outbox" : `outbox?to=${encodeURIComponent(to)}`),

    /** What became of every message. */
    deliveries: () => control("deliveries"),

    /** What SMS cost this month, and the limit. */
    spending: () => control("spending"),

    /** Puts the pool's clock forward. */
    advance: (seconds) => control("clock", { advanceSeconds: seconds }).now,

    /** Calls `listener` whenever something was sent or lost; gives a function that ends it. */
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    /** Everything the pool keeps, as a string for `state`. */
    save: () => pool.save(),
  });
}

/** The text of HTML that has no tags in it, as the pool escapes it. */
function plain(html) {
  const signs = { lt: "<", gt: ">", quot: '"', "#39": "'", amp: "&" };
  return html.replace(/&(lt|gt|quot|#39|amp);/g, (_, name) => signs[name]);
}

function pageHeaders(method, cookies) {
  const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  if (method === "GET") return { cookie };
  return { cookie, "content-type": "application/x-www-form-urlencoded" };
}

/** The pool sets cookies for an hour, which a page that is open does not outlive, or takes them back. */
function keepCookies(cookies, headers) {
  for (const [header, value] of headers) {
    if (header !== "set-cookie") continue;
    const [pair, ...attributes] = value.split("; ");
    const [name, content] = pair.split("=");
    if (attributes.includes("Max-Age=0")) cookies.delete(name);
    else cookies.set(name, content);
  }
}

function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener("abort", aborted, { once: true });
    function done() {
      signal.removeEventListener("abort", aborted);
      resolve();
    }
    function aborted() {
      clearTimeout(timer);
      reject(signal.reason);
    }
  });
}
