import type { CSSProperties, ReactElement, ReactNode } from "react";
import type { Flow, Snapshot } from "./index.js";
import type { SignInProps } from "./ui/index.js";

/**
 * The snapshot of a flow; the component is rendered anew when it changes. Several components may use one
 * flow, which belongs outside of them: `createFlow` gives a promise of it, for `use` and `<Suspense>`.
 */
export declare function useFlow(flow: Flow): Snapshot;

/** The forms, and besides what an element of the page has. */
export type CognitoSignInProps = SignInProps & {
  /** What has a `slot` (`header`, `footer`, `support`, `signed-in`) stands there. */
  children?: ReactNode;
  className?: string;
  id?: string;
  style?: CSSProperties;
};

/**
 * `<cognito-sign-in>` of `cognito-flow/ui`, which is loaded in the browser alone. Options that say the same
 * as before change nothing, however they are written; another of the flow's makes another flow. A flow that
 * was made here ends with the component, unless somebody is signed in: then it is the app's to dispose.
 */
export declare function CognitoSignIn(props: CognitoSignInProps): ReactElement;

/** `<cognito-account>`: who is signed in, and nothing while nobody is. */
export declare function CognitoAccount(props: CognitoSignInProps): ReactElement;
