// The AWS SDK for JavaScript v3.
import { after, before, test } from "node:test";
import * as sdk from "@aws-sdk/client-cognito-identity-provider";
import * as journeys from "./journeys.mjs";
import { startServer } from "./server.mjs";

let server;
let call;

before(async () => {
  server = await startServer([], { watched: true });
  const client = new sdk.CognitoIdentityProviderClient({
    endpoint: server.endpoint,
    region: "eu-west-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  call = async (operation, input) => {
    const { $metadata, ...output } = await client.send(new sdk[`${operation}Command`](input));
    return output;
  };
});
after(() => server?.stop());

for (const journey of [
  "phoneAndEmail",
  "secondFactors",
  "sessions",
  "forgottenPassword",
  "requiredFactor",
  "lostPhone",
]) {
  test(`AWS SDK v3: ${journey}`, () => journeys[journey](call, server));
}
