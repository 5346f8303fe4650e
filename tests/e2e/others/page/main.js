// What the tests call from outside: one flow, as an app would hold it.
import { createFlow } from "/cognito-flow/index.js";

let flow;

/** The outcome of a call; an error of the flow as the data that it carries. */
async function outcome(promise) {
  try {
    return { value: await promise };
  } catch (error) {
    const { name, code, message, server } = error;
    return { error: { name, code, message, server } };
  }
}

window.client = {
  create: (options) => outcome(createFlow(options).then((made) => (flow = made).snapshot())),
  send: (event) => outcome(flow.send(event)),
  session: () => outcome(flow.session()),
  account: (call, ...args) => outcome(flow.account[call](...args)),
};
