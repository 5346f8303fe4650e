// For Vue: the snapshot of a flow as a ref, for as long as the scope that asks for it.
import { onScopeDispose, shallowReadonly, shallowRef } from "vue";

export function useFlow(flow) {
  const snapshot = shallowRef(flow.snapshot());
  onScopeDispose(flow.subscribe(() => (snapshot.value = flow.snapshot())));
  return shallowReadonly(snapshot);
}
