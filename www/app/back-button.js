// The browser's back button leaves a step that waits for something, as "Cancel" does. The address
// never says more than which of the signed-out forms is shown.

const WAITING = ["confirmSignUp", "mfaCode", "newPassword", "verifyAttribute", "resetPassword"];

/**
 * Gives a waiting step its own entry in the history. Once a step is over, its entry is kept for
 * the next one rather than removed: going back by script cannot be told from the person doing so.
 */
export function useBackButton(flow) {
  const keepEntry = () => {
    const waits = WAITING.includes(flow.snapshot().step);
    const entry = history.state?.entry;
    if (waits && entry === "spare") history.replaceState({ entry: "step" }, "");
    else if (waits && entry !== "step") history.pushState({ entry: "step" }, "", "#sign-in");
    else if (!waits && entry === "step") history.replaceState({ entry: "spare" }, "");
  };
  const onBack = () => {
    const waits = WAITING.includes(flow.snapshot().step);
    if (waits && history.state?.entry !== "step" && flow.accepts("cancel")) {
      flow.send({ type: "cancel" });
    }
  };
  const unsubscribe = flow.subscribe(keepEntry);
  window.addEventListener("popstate", onBack);
  keepEntry();
  return () => {
    unsubscribe();
    window.removeEventListener("popstate", onBack);
  };
}
