// What the flow's requests go through in the demo: each is written down for the pane "What happens
// underneath", and the network can be made slow or cut.

const SLOW_MS = 2000;
const KEPT = 60;

/** `fetch` with a record beside it. `setMode("normal" | "slow" | "offline")`. */
export function observedNetwork(fetch) {
  const entries = [];
  const listeners = new Set();
  let mode = "normal";
  let ids = 0;
  const changed = () => listeners.forEach((listener) => listener());

  const observed = async (url, options = {}) => {
    const entry = {
      id: (ids += 1),
      operation: new Headers(options.headers).get("x-amz-target")?.split(".").pop() ?? "GET",
      request: null,
      at: Date.now(),
      took: null,
      status: null,
      reply: null,
    };
    redacted(String(options.body ?? "")).then((request) => {
      entry.request = request;
      entries.push(entry);
      entries.splice(0, entries.length - KEPT);
      changed();
    });
    const started = performance.now();
    try {
      await pass(mode, options.signal);
      const response = await fetch(url, options);
      entry.status = response.status;
      entry.reply = await redacted(await response.clone().text());
      return response;
    } catch (error) {
      entry.status = error.name === "AbortError" ? "aborted" : "failed";
      throw error;
    } finally {
      entry.took = performance.now() - started;
      changed();
    }
  };

  return {
    fetch: observed,
    entries: () => entries,
    clear() {
      entries.length = 0;
      changed();
    },
    mode: () => mode,
    setMode(next) {
      mode = next;
      pretendToBe(next === "offline" ? "offline" : "online");
      changed();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** A body without its secrets. What knows them is loaded with the first request. */
async function redacted(body) {
  try {
    const { redactBody } = await import("./redact.js");
    return redactBody(body);
  } catch {
    return `… (${body.length})`;
  }
}

async function pass(mode, signal) {
  if (mode === "offline") throw new TypeError("Failed to fetch");
  if (mode !== "slow") return;
  await new Promise((done, fail) => {
    const timer = setTimeout(done, SLOW_MS);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      fail(new DOMException("Aborted", "AbortError"));
    });
  });
}

/** The package asks the browser whether anything was sent at all. */
function pretendToBe(state) {
  const online = state === "online";
  if (online) delete navigator.onLine;
  else Object.defineProperty(navigator, "onLine", { configurable: true, get: () => false });
  window.dispatchEvent(new Event(state));
}
