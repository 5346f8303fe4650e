import type { Flow } from "./index.js";

/** That of `cognito-flow`, for a page that does not load the client itself; its errors have no `cause`. */
export { FlowError } from "./index.js";

/**
 * In a worker: lets a page use the flow. Call it at once when the script runs, with the promise of
 * `createFlow`, so that no message is missed; in a shared worker for each port that connects.
 *
 * Passkeys, and signing in on another page, need the page: here they end with `passkeyUnsupported` and
 * `redirectFailed`. A worker has neither `localStorage` nor `sessionStorage`: with these the session
 * is in memory, and lives as long as the worker does.
 */
export declare function serveFlow(flow: Flow | Promise<Flow>, port?: FlowPort): void;

/**
 * In a page: the flow of the worker, with the same functions. `dispose` ends the connection; the flow ends
 * with its worker. Rejects as `createFlow` does, and with `unsupported` where the worker does not start.
 */
export declare function connectFlow(worker: FlowPort): Promise<Flow>;

/** A `Worker`, a `MessagePort` (that of a `SharedWorker`), or a worker's own global scope. */
export interface FlowPort {
  /** As a worker's. */
  postMessage(message: unknown): void;
  /** As a worker's. */
  addEventListener(type: "message", listener: (event: MessageEvent) => void): void;
  /** As a worker's. */
  removeEventListener(type: "message", listener: (event: MessageEvent) => void): void;
}
