/** What goes wrong on misuse, and what the calls of `session` and `account` reject with. */
export class FlowError extends Error {
  constructor({ code, message, server, retryAt, attribute }) {
    super(message);
    this.code = code;
    if (server !== undefined) this.server = server;
    if (retryAt !== undefined) this.retryAt = retryAt;
    if (attribute !== undefined) this.attribute = attribute;
  }
}
FlowError.prototype.name = "FlowError";

/** The machine throws the members of an error; what else comes out of it is a fault of its own. */
export const thrown = (data) => (data?.code === undefined ? data : new FlowError(data));

/** An option that is not what it must be: the machine has the same words for its own. */
export const malformedOption = (name, expected) =>
  new FlowError({ code: "malformed", message: `\`${name}\` of the options must be ${expected}.`});
