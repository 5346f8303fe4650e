import type { Flow } from "./index.js";

/**
 * `<cognito-devtools>`: the steps of a flow over time, what it asks of Cognito, the times that run, and which
 * records are kept, for whoever develops a page. Nothing secret is shown, nor kept to be shown: of values only
 * Cognito's own words, of all others only the names. While it is on the page, the page's `fetch` is watched.
 */
export declare class CognitoDevtools extends HTMLElement {
  /** Default: the flow of the `<cognito-sign-in>` on the page that last told of one. */
  get flow(): Flow | null;
  set flow(flow: Flow | null);
}

/** Puts the element at the end of the page, with this flow or whichever there is. */
export declare function showDevtools(flow?: Flow): CognitoDevtools;

/** A `fetch` whose calls of Cognito are shown: for `createFlow`, where the app has one of its own. */
export declare function watchFetch(real?: typeof fetch): typeof fetch;

declare global {
  interface HTMLElementTagNameMap {
    "cognito-devtools": CognitoDevtools;
  }
}
