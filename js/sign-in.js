// What the components of the frameworks are made of: `<cognito-sign-in>`, held to what they are given.

/** What a component is given that is no option: told of the element's events. */
const TOLD = {
  onStep: "cognito-step",
  onSignedIn: "cognito-signed-in",
  onSignedOut: "cognito-signed-out",
  onFailure: "cognito-failed",
};

/**
 * Loads the element's code, and holds `element` to what `update` was given last. `end` is for when it leaves
 * the page: its own flow ends with it, unless somebody is signed in, whose session the app may have taken.
 */
export function holdElement(element) {
  let given = {};
  let options = null;
  let flow = null;

  const tell = (name, argument) => given[name]?.(...argument);
  const listeners = Object.entries(TOLD).map(([name, type]) => {
    const listener = ({ target, detail }) => {
      if (target !== element) return;
      tell(name, name === "onFailure" ? [detail.error] : [detail, element.flow]);
    };
    element.addEventListener(type, listener);
    return () => element.removeEventListener(type, listener);
  });
  import("./ui/index.js").catch((error) => tell("onFailure", [error]));

  /** An option as the element has it already, where it says the same: it would begin anew with another. */
  const kept = ([name, value]) => {
    if (options !== null && same(options[name], value)) return [name, options[name]];
    return [name, typeof value === "function" ? (...input) => given[name](...input) : value];
  };
  return {
    update({ flow: shown = null, ...others }) {
      given = others;
      const named = Object.entries(others).filter(([name, value]) => !(name in TOLD) && value !== undefined);
      const next = Object.fromEntries(named.map(kept));
      if (shown !== flow) element.flow = flow = shown;
      if (options === null || !sameMembers(options, next, Object.is)) element.options = options = next;
    },
    end() {
      for (const stop of listeners) stop();
      // Some frameworks take it out of the page after this, and some only seem to.
      queueMicrotask(() => {
        const isOver = !element.isConnected && element.flow?.snapshot().step !== "signedIn";
        if (isOver) element.dispose?.();
      });
    },
  };
}

/** Functions are written anew with each render, and say the same. */
function same(one, other) {
  if (Object.is(one, other) || (typeof one === "function" && typeof other === "function")) return true;
  return isPlain(one) && isPlain(other) && sameMembers(one, other, same);
}

function sameMembers(one, other, equal) {
  const names = Object.keys(one);
  if (names.length !== Object.keys(other).length) return false;
  return names.every((name) => Object.hasOwn(other, name) && equal(one[name], other[name]));
}

function isPlain(value) {
  if (typeof value !== "object" || value === null) return false;
  return [Object.prototype, Array.prototype].includes(Object.getPrototypeOf(value));
}
