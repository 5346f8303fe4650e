// A test with a user pool of its own: `node --test sign-up.test.mjs`.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  CognitoIdentityProviderClient,
  ConfirmSignUpCommand,
  InitiateAuthCommand,
  SignUpCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { startPool } from "cognito-pool";

const ClientId = "local0client0000000000000";
let pool;
let client;

before(async () => {
  pool = await startPool(["--listen", "127.0.0.1:0", "--log", "off"]);
  client = new CognitoIdentityProviderClient({
    endpoint: pool.endpoint,
    region: "eu-west-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
});
after(() => pool?.close());

test("somebody signs up and in", async () => {
  const [Username, Password] = ["jane", "Correct-horse-7"];
  const UserAttributes = [{ Name: "email", Value: "jane@example.org" }];
  await client.send(new SignUpCommand({ ClientId, Username, Password, UserAttributes }));

  const outbox = await fetch(`${pool.endpoint}/_pool/outbox?to=jane@example.org`);
  const ConfirmationCode = (await outbox.json()).at(-1).code;
  await client.send(new ConfirmSignUpCommand({ ClientId, Username, ConfirmationCode }));

  const AuthParameters = { USERNAME: Username, PASSWORD: Password };
  const signedIn = await client.send(
    new InitiateAuthCommand({ ClientId, AuthFlow: "USER_PASSWORD_AUTH", AuthParameters }),
  );
  assert.ok(signedIn.AuthenticationResult.AccessToken);
});
