// What each packaging test runs with the installed package: a new account, from sign-up to
// sign-out, with a sign-in by SRP in it.
import { createFlow } from "cognito-flow";

/** Answers with the steps that a person went through. `readCode(address)` looks into the outbox. */
export async function journey({ endpoint, userPoolId, clientId, username, readCode }) {
  const flow = await createFlow({ endpoint, userPoolId, clientId, verify: { when: "never" } });
  const steps = [];
  const send = async (event) => {
    const { step, error } = await flow.send(event);
    if (error !== null) throw new Error(`${event.type}: ${error.code}: ${error.message}`);
    steps.push(step);
  };
  const email = `${username}@example.com`;
  await send({ type: "signUp", username, password: "Correct-Horse-7", attributes: { email } });
  await send({ type: "confirmSignUp", code: await readCode(email) });
  const { accessToken } = await flow.session();
  if (accessToken.split(".").length !== 3) throw new Error("no token");
  await send({ type: "signOut" });
  flow.dispose();
  return steps;
}
