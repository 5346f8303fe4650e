// Which of the signed-out forms is shown, and what the browser's back button does. By default nothing
// outside the element knows of it; an app may give the forms entries in its history, or addresses.

/** The signed-out forms. */
export const VIEWS = ["signIn", "signUp", "forgotPassword", "confirm"];

const HASHES = {
  signIn: "#sign-in",
  signUp: "#sign-up",
  forgotPassword: "#forgot-password",
  confirm: "#confirm",
};

/** The member of `history.state` that is ours; what else an app keeps there stays. */
const OURS = "cognitoFlow";

/**
 * Where the person is among the forms. `kind` is `"memory"`, `"history"` (entries without addresses of
 * their own), `"hash"` (`#sign-up` and so on), or an object like those that are made here:
 *
 * `view()` is the present one, `go(view)` leads to one, `settle(view)` does so without a way back,
 * `href(view)` is its address or null, `onChange(listener)` tells of what others did, `step(waits)`
 * is called with whether the flow waits for something, `onBack(listener)` tells that the person went
 * back out of that. Both answer the function that ends it.
 */
export function navigationOf(kind, start) {
  if (typeof kind === "object") return kind;
  if (kind === "history") return inHistory(start);
  return kind === "hash" ? inAddress(start) : inMemory(start);
}

function inMemory(start) {
  let view = start;
  const { tell, onChange } = listeners();
  return {
    view: () => view,
    go(next) {
      view = next;
      tell();
    },
    settle: (next) => (view = next),
    href: () => null,
    onChange,
    // What is left leads to signing in.
    step: (waits) => waits && (view = "signIn"),
    onBack: () => () => {},
  };
}

function inHistory(start) {
  const { tell, onChange } = listeners();
  const stateOf = (ours) => ({ ...history.state, [OURS]: ours });
  const ours = () => history.state?.[OURS];
  const view = () => (VIEWS.includes(ours()) ? ours() : start);
  return {
    view,
    go(next) {
      history.pushState(stateOf(next), "");
      tell();
    },
    settle: (next) => history.replaceState(stateOf(next), ""),
    href: () => null,
    onChange: (listener) => both(onChange(listener), onWindow("popstate", listener)),
    step: (waits) => keepEntry(waits, (ours, how) => history[how](stateOf(ours), "")),
    onBack,
  };
}

function inAddress(start) {
  const view = () => VIEWS.find((view) => HASHES[view] === location.hash) ?? start;
  return {
    view,
    go: (next) => (location.hash = HASHES[next]),
    settle: (next) => history.replaceState(history.state, "", HASHES[next]),
    href: (view) => HASHES[view],
    onChange: (listener) => onWindow("hashchange", listener),
    step: (waits) =>
      keepEntry(waits, (ours, how) => {
        const state = { ...history.state, [OURS]: ours };
        if (how === "pushState") history.pushState(state, "", HASHES.signIn);
        else history.replaceState(state, "");
      }),
    onBack,
  };
}

/**
 * A step that waits has its own entry in the history, behind which lies the form before it. An entry
 * cannot be removed, but it can become one of the signed-out forms.
 */
function keepEntry(waits, write) {
  const isStep = history.state?.[OURS] === "step";
  if (waits && !isStep) write("step", "pushState");
  else if (!waits && isStep) write(undefined, "replaceState");
}

function onBack(listener) {
  return onWindow("popstate", () => history.state?.[OURS] !== "step" && listener());
}

function onWindow(name, listener) {
  window.addEventListener(name, listener);
  return () => window.removeEventListener(name, listener);
}

function both(first, second) {
  return () => {
    first();
    second();
  };
}

function listeners() {
  const all = new Set();
  return {
    tell: () => all.forEach((listener) => listener()),
    onChange(listener) {
      all.add(listener);
      return () => all.delete(listener);
    },
  };
}
