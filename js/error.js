import { own } from "./json.js";

/** What goes wrong on misuse, and what the calls of `session` and `account` reject with. */
export class FlowError extends Error {
  constructor(data, options) {
    const { code, message, server, retryAt, attribute } = own(data);
    super(message, options);
    this.code = code;
    if (server !== undefined) this.server = server;
    if (retryAt !== undefined) this.retryAt = retryAt;
    if (attribute !== undefined) this.attribute = attribute;
  }
}
FlowError.prototype.name = "FlowError";

/** The machine throws the members of an error; what else comes out of it is a fault of its own. */
export const isData = (thrown) =>
  !(thrown instanceof Error) && typeof own(thrown).code === "string";

/** The options of an error that came from an exception. */
export const because = (cause) => (cause === undefined ? undefined : { __proto__: null, cause });

/** An option that is not what it must be: the machine has the same words for its own. */
export const malformedOption = (name, expected) =>
  new FlowError({ code: "malformed", message: `\`${name}\` of the options must be ${expected}.` });

/** Runs code of the page, such as getters: what it throws makes what it was to give malformed. */
export function reading(what, action) {
  try {
    return action();
  } catch (cause) {
    if (cause instanceof FlowError) throw cause;
    throw new FlowError({ code: "malformed", message: `${what} cannot be read.` }, because(cause));
  }
}

/** What an action gives; `undefined` if it throws. */
export function attempt(action) {
  try {
    return action();
  } catch {
    return undefined;
  }
}
