// What the declarations of the bindings say, with those of the frameworks.
import type { Readable } from "svelte/store";
import type { ShallowRef } from "vue";
import type { Flow, Snapshot } from "cognito-flow";
import { createElement } from "react";
import type { Action } from "svelte/action";
import { h } from "vue";
import { CognitoAccount, CognitoSignIn, useFlow as inReact } from "cognito-flow/react";
import { cognitoSignIn, useFlow as inSvelte } from "cognito-flow/svelte";
import { CognitoSignIn as VueSignIn, useFlow as inVue } from "cognito-flow/vue";
import type { SignInProps } from "cognito-flow/ui";

declare const flow: Flow;

export const snapshot: Snapshot = inReact(flow);
export const ref: Readonly<ShallowRef<Snapshot>> = inVue(flow);
export const store: Readable<Snapshot> = inSvelte(flow);
// @ts-expect-error: a snapshot has no such member
export const none: unknown = inReact(flow).steps;
// @ts-expect-error: only the flow changes it
inVue(flow).value = snapshot;
// @ts-expect-error: a store of snapshots, not of texts
export const texts: Readable<string> = inSvelte(flow);
// @ts-expect-error: a promise of a flow is none yet
inReact(Promise.resolve(flow));

const ids = { userPoolId: "eu-west-1_AbCdEfGhI", clientId: "1example" };
const onSignedIn = (snapshot: { username: string }, { session }: Flow) => void [snapshot.username, session()];
export const nodes = [
  createElement(CognitoSignIn, { ...ids, lang: "de", className: "wide", onSignedIn }, createElement("p", { slot: "footer" })),
  createElement(CognitoAccount, { flow, account: ["password"] }),
  // @ts-expect-error: neither a flow nor what one is made with
  createElement(CognitoSignIn, { lang: "de" }),
  // @ts-expect-error: there is no such option
  createElement(CognitoSignIn, { ...ids, language: "de" }),
  h(VueSignIn, { ...ids, storage: "local", onSignedIn }),
  // @ts-expect-error: there are no texts in it
  h(VueSignIn, { ...ids, lang: "it" }),
];
export const action: Action<HTMLElement, SignInProps> = cognitoSignIn;
