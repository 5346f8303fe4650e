import type { AllowedComponentProps, ComponentCustomProps, ShallowRef, VNode, VNodeProps } from "vue";
import type { Flow, Snapshot } from "./index.js";
import type { SignInProps } from "./ui/index.js";

/**
 * The snapshot of a flow as a ref that only the flow changes. Called in `setup`, or in any scope, with
 * which it ends.
 */
export declare function useFlow(flow: Flow): Readonly<ShallowRef<Snapshot>>;

/** A component of the forms: its callbacks are the events `step`, `signed-in`, `signed-out`, `failure`. */
export interface CognitoComponent {
  new (): {
    $props: AllowedComponentProps & ComponentCustomProps & VNodeProps & SignInProps;
    /** Those of the element. */
    $slots: Partial<Record<"default" | "header" | "footer" | "support" | "signed-in", () => VNode[]>>;
  };
}

/**
 * `<cognito-sign-in>` of `cognito-flow/ui`, which is loaded in the browser alone. Options are replaced, not
 * changed in place; another of the flow's makes another flow. A flow that was made here ends with the
 * component, unless somebody is signed in: then it is the app's to dispose.
 */
export declare const CognitoSignIn: CognitoComponent;

/** `<cognito-account>`: who is signed in, and nothing while nobody is. */
export declare const CognitoAccount: CognitoComponent;
