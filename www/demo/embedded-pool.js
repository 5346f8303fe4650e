// The user pool in this tab: a second WebAssembly module behind a fetch-shaped function. Its state
// is kept in the browser, and tabs share it: each request takes the state that was kept last,
// under a lock, and keeps what it made of it.
import { realNow } from "./clock.js";

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
  let kept = localStorage.getItem(KEY);
  let pool = await open(kept);

  const takeLatest = async () => {
    const latest = localStorage.getItem(KEY);
    if (latest !== kept) [kept, pool] = [latest, await open(latest)];
  };
  const read = (url, options) =>
    navigator.locks.request(KEY, async () => {
      await takeLatest();
      return pool.fetch(url, options);
    });
  /** Has the pool do something, and keeps what became of it. */
  const change = (work) =>
    navigator.locks.request(KEY, async () => {
      await takeLatest();
      const answer = await work(pool);
      const state = pool.save();
      if (state !== kept) {
        kept = state;
        localStorage.setItem(KEY, state);
        queueMicrotask(changed);
      }
      return answer;
    });
  window.addEventListener("storage", ({ key }) => key === KEY && changed());
  return {
    fetch: (url, options) => change((pool) => pool.fetch(url, options)),
    read,
    /** Loads the functions of the custom challenge. */
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

/** Forgets the pool and everybody in it. */
export function clearEmbeddedPool() {
  localStorage.removeItem(KEY);
  localStorage.removeItem(COOKIES);
}
