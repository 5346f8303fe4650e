// For React: the snapshot of a flow, and a render when it changes.
import { useSyncExternalStore } from "react";

export const useFlow = (flow) => useSyncExternalStore(flow.subscribe, flow.snapshot, flow.snapshot);
