import type { ShallowRef } from "vue";
import type { Flow, Snapshot } from "./index.js";

/**
 * The snapshot of a flow as a ref that only the flow changes. Called in `setup`, or in any scope, with
 * which it ends.
 */
export declare function useFlow(flow: Flow): Readonly<ShallowRef<Snapshot>>;
