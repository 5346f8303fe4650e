import type { Flow, Snapshot } from "./index.js";

/** The snapshot of a flow as a readable store: `const snapshot = useFlow(flow)`, then `$snapshot.step`. */
export declare function useFlow(flow: Flow): SnapshotStore;

/** As Svelte's `Readable<Snapshot>`. */
export interface SnapshotStore {
  subscribe(run: (snapshot: Snapshot) => void): () => void;
}
