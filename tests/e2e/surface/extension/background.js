// The package in an extension's service worker: no page, no storage of pages, no `import()`.
import { createFlow } from "./cognito-flow/index.js";

const answers = {
  InitiateAuth: {
    AuthenticationResult: { AccessToken: "access-token-1", IdToken: "id-token-1", RefreshToken: "refresh-token", ExpiresIn: 3600 },
  },
  GetUser: { Username: "ann", UserAttributes: [{ Name: "email", Value: "ann@example.com" }, { Name: "sub", Value: "1" }] },
  RevokeToken: {},
};

globalThis.signIn = async () => {
  const fetch = async (_url, { headers }) =>
    new Response(JSON.stringify(answers[headers["x-amz-target"].split(".")[1]]), { status: 200 });
  const options = { userPoolId: "eu-west-1_AbCdEfGhI", clientId: "1example", signInWith: "password", fetch };
  const flow = await createFlow({ ...options, storage: "local", verify: { when: "never" } });
  const { step, attributes } = await flow.send({ type: "signIn", username: "ann", password: "correct horse" });
  const { accessToken } = await flow.session();
  const out = await flow.send({ type: "signOut" });
  flow.dispose();
  return [typeof document, typeof localStorage, step, attributes.email, accessToken, out.step];
};
