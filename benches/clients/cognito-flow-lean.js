import { createFlow } from "../../dist/lean.js";

let flow;

export async function ready({ userPoolId, clientId }) {
  flow = await createFlow({ userPoolId, clientId, storage: "local", verify: { when: "never" } });
}

export async function signIn({ username, password }) {
  const { step, error } = await flow.send({ type: "signIn", username, password });
  if (step !== "signedIn") throw new Error(`${step}: ${error?.code}`);
}

export async function signOut() {
  await flow.send({ type: "signOut" });
}
