import { own } from "./json.js";

/** What goes wrong on misuse, and what the calls of `session` and `account` reject with. */
export class FlowError extends Error {
  constructor(data, options) {
    const { message, ...rest } = own(data);
    super(message, options);
    Object.assign(this, rest);
  }
}
FlowError.prototype.name = "FlowError";

/** An error that has a cause if there was one. */
export const errorOf = (data, cause) => withCause(new FlowError(data), cause);

/** Not among the members that are listed, copied or frozen: a cause is anybody's object. */
export function withCause(data, cause) {
  if (cause !== undefined) Object.defineProperty(data, "cause", { __proto__: null, value: cause });
  return data;
}

export const malformed = (message, cause) => errorOf({ code: "malformed", message }, cause);

/** The rest of the package, which is loaded when it is needed, is not to be had. */
export const notLoaded = (cause) =>
  errorOf({ code: "offline", message: "A part of cognito-flow could not be loaded. Try again." }, cause);

/** An option that is not what it must be: the machine has the same words for its own. */
export const malformedOption = (name, expected) =>
  malformed(`\`${name}\` of the options must be ${expected}.`);

/** Runs code of the page, such as getters: what it throws makes what it was to give malformed. */
export function reading(action) {
  try {
    return action();
  } catch (cause) {
    throw cause instanceof FlowError ? cause : malformed("What was given cannot be read.", cause);
  }
}

/** What an action gives; `undefined` if it throws. */
export function attempt(action) {
  try {
    return action();
  } catch {
    // There is nothing to give.
  }
}
