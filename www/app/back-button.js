// The browser's back button leaves a step that waits for something, as "Cancel" does. The address
// never says more than which of the signed-out forms is shown.

/** All others wait for something. */
const RESTING = ["signedOut", "signedIn"];

/**
 * Gives a step that waits its own entry in the history, behind which lies the form before it.
 * `leave()` leaves the step.
 */
export function useBackButton(flow, leave) {
  const keepEntry = () => {
    const waits = !RESTING.includes(flow.snapshot().step);
    const isStep = history.state?.step === true;
    if (waits && !isStep) history.pushState({ step: true }, "", "#sign-in");
    // An entry cannot be removed, but it can become one of the signed-out forms.
    else if (!waits && isStep) history.replaceState(null, "");
  };
  const onBack = () => {
    const waits = !RESTING.includes(flow.snapshot().step);
    if (waits && history.state?.step !== true && flow.accepts("cancel")) leave();
  };
  const unsubscribe = flow.subscribe(keepEntry);
  window.addEventListener("popstate", onBack);
  keepEntry();
  return () => {
    unsubscribe();
    window.removeEventListener("popstate", onBack);
  };
}
