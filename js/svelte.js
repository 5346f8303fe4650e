// For Svelte: a flow as a store of its snapshot, and what an element of the forms is given as an action.
import { holdElement } from "./sign-in.js";

// Stores are told at once what there is.
export const useFlow = (flow) => ({
  subscribe(run) {
    const tell = () => run(flow.snapshot());
    const end = flow.subscribe(tell);
    tell();
    return end;
  },
});

export function cognitoSignIn(element, given) {
  const { end, update } = holdElement(element);
  update(given);
  return { destroy: end, update };
}
