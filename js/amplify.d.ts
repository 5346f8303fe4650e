import type { FlowOptions, FlowStorage } from "./index.js";

/**
 * Makes the session that AWS Amplify v6 or amazon-cognito-identity-js keeps one of ours, so that
 * nobody has to sign in again: call it before `createFlow`, with the same options. Nothing is sent.
 * A session of ours is never replaced, one of theirs is adopted once, and theirs stays as it is unless
 * `remove` says otherwise. Their devices come along. Rejects with a `TypeError` where the options are
 * wrong.
 */
export declare function adoptAmplifySession(options: AdoptOptions): Promise<Adopted>;

/** Those of `createFlow` may be given as they are; what is not named here is not looked at. */
export interface AdoptOptions
  extends Pick<FlowOptions, "userPoolId" | "clientId" | "endpoint" | "profile" | "devices"> {
  /** That of the flow. In memory nothing can be adopted. */
  storage: "session" | "local" | FlowStorage;
  /**
   * Where theirs is. Default: all of `"local"`, `"session"` and `"cookies"`; where several hold a
   * session, that with the latest tokens counts.
   */
  from?: AmplifySource | AmplifySource[];
  /**
   * Takes theirs away once ours is kept, so that nobody uses the tokens twice. Default `false`: both
   * work side by side, unless the pool rotates refresh tokens.
   */
  remove?: boolean;
  /** What their cookies were set with, if not `path: "/"` alone; needed to remove them. */
  cookie?: { path?: string; domain?: string };
}

/** A storage of the browser, or what Amplify was given as its token provider's. */
export type AmplifySource = "local" | "session" | "cookies" | AmplifyStorage;

/** As Amplify's `KeyValueStorageInterface` and identity-js' `ICognitoStorage`. */
export interface AmplifyStorage {
  /** The text, or `null` where there is none. */
  getItem(key: string): string | null | Promise<string | null>;
  /** May throw, or reject. */
  setItem(key: string, value: string): unknown;
  /** Nothing happens where there is none. */
  removeItem(key: string): unknown;
}

/** What was found, and what became of it. */
export type Adopted = {
  /**
   * - `"adopted"`: `createFlow` will find it.
   * - `"present"`: somebody is signed in with us already.
   * - `"none"`: there is none of theirs that is whole, or it was adopted before.
   * - `"notKept"`: the storage does not keep ours; theirs was left alone.
   */
  session: "adopted" | "present" | "none" | "notKept";
  /** Who was signed in, by the name that was typed; with `"adopted"` alone. */
  username: string | null;
  /** How many devices were adopted: also of those who are signed out. */
  devices: number;
};
