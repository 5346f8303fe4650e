import type { Flow, Snapshot } from "./index.js";
import type { SignInProps } from "./ui/index.js";

/** The snapshot of a flow as a readable store: `const snapshot = useFlow(flow)`, then `$snapshot.step`. */
export declare function useFlow(flow: Flow): SnapshotStore;

/** As Svelte's `Readable<Snapshot>`. */
export interface SnapshotStore {
  /** Calls `run` at once, and after each change; the returned function ends that. */
  subscribe(run: (snapshot: Snapshot) => void): () => void;
}

/**
 * An action for `<cognito-sign-in use:cognitoSignIn={{ userPoolId, clientId, onSignedIn }}>`, and likewise
 * for `<cognito-account>`: it loads `cognito-flow/ui`, in the browser alone, and hands on what it is given.
 * Options that say the same as before change nothing; another of the flow's makes another flow. A flow that
 * was made here ends with the element, unless somebody is signed in: then it is the app's to dispose.
 */
export declare function cognitoSignIn(
  element: HTMLElement,
  given: SignInProps,
): {
  /** Called by Svelte when the element goes. */
  destroy(): void;
  /** Called by Svelte when what is given may be another. */
  update(given: SignInProps): void;
};
