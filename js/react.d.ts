import type { Flow, Snapshot } from "./index.js";

/**
 * The snapshot of a flow; the component is rendered anew when it changes. Several components may use one
 * flow, which belongs outside of them: what makes it is a promise, for `use` and `<Suspense>`.
 */
export declare function useFlow(flow: Flow): Snapshot;
