// What the declarations of the bindings say, with those of the frameworks.
import type { Readable } from "svelte/store";
import type { ShallowRef } from "vue";
import type { Flow, Snapshot } from "cognito-flow";
import { useFlow as inReact } from "cognito-flow/react";
import { useFlow as inSvelte } from "cognito-flow/svelte";
import { useFlow as inVue } from "cognito-flow/vue";

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
