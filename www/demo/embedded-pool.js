// The user pool in this tab: a second WebAssembly module behind a fetch-shaped function. Its state
// is kept in the browser, and tabs share it: each request takes the state that was kept last,
// under a lock, and keeps what it made of it.
import { realNow } from "./clock.js";
import { local } from "./storage.js";

const KEY = "cognito-flow-demo.pool";

/** Where the cookies of the pool's pages are kept. */
export const COOKIES = "cognito-flow-demo.cookies";

/** Where the embedded pool says that it is. No request ever leaves the page for it. */
export const ENDPOINT = "https://pool.invalid/";

/**
 * Loads the pool. Answers `{ fetch, read, request, subscribe }`: listeners hear of every change that `fetch`
 * made, in any tab; `read` is for looking only, and what it changes is not kept.
 */
export async function embeddedPool() {
  const { createLocalPool } = await import("/cognito-pool/local-pool.js");
  const options = { endpoint: new URL(ENDPOINT).origin, guide2017: true };
  // A request cannot wait for what stands for Lambda functions: see `withPuzzle`.
  let puzzle = () => undefined;
  const triggers = (name, event) => puzzle(name, event);
  const open = (state) => createLocalPool({ state, now: realNow, options, triggers });
  const listeners = new Set();
  const changed = () => listeners.forEach((listener) => listener());
  let kept = local.getItem(KEY);
  let pool = await open(kept);
  const inTurn = await turns();

  const takeLatest = async () => {
    const latest = local.getItem(KEY);
    if (latest !== kept) [kept, pool] = [latest, await open(latest)];
  };
  const read = (url, options) =>
    inTurn(async () => {
      await takeLatest();
      return pool.fetch(url, options);
    });
  /** Has the pool do something, and keeps what became of it. */
  const change = (work) =>
    inTurn(async () => {
      await takeLatest();
      const answer = await work(pool);
      const state = pool.save();
      if (state !== kept) {
        kept = state;
        local.setItem(KEY, state);
        queueMicrotask(changed);
      }
      return answer;
    });
  window.addEventListener("storage", ({ key }) => key === KEY && changed());
  return {
    fetch: (url, options) => change((pool) => pool.fetch(url, options)),
    read,
    async withPuzzle() {
      ({ puzzle } = await import("./puzzle.js"));
    },
    /** As a browser of its own would ask, with cookies. */
    request: (...request) => change((pool) => pool.request(...request)),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Does one thing after the other, over all tabs; where the storages are blocked, so are locks: within this one. */
async function turns() {
  const lock = (work) => navigator.locks.request(KEY, work);
  const areThere = await lock(() => true).catch(() => false);
  if (areThere) return lock;
  let last = Promise.resolve();
  return (work) => {
    const done = last.then(work);
    last = done.catch(() => {});
    return done;
  };
}

export function clearEmbeddedPool() {
  local.removeItem(KEY);
  local.removeItem(COOKIES);
}
