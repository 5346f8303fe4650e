// aws-jwt-verify's verifier for Cognito, which takes tokens of Cognito's own issuer alone: so the
// server is told to use that name.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { CognitoJwtVerifier } from "aws-jwt-verify";
import { signIn, signUp } from "./journeys.mjs";
import { OPTIONAL, person, startServer } from "./server.mjs";

let server;
let tokens;

before(async () => {
  server = await startServer(["--issuer", "https://cognito-idp.eu-west-1.amazonaws.com"]);
  const call = async (operation, input) => {
    const target = `AWSCognitoIdentityProviderService.${operation}`;
    const headers = { "content-type": "application/x-amz-json-1.1", "x-amz-target": target };
    const body = JSON.stringify(input);
    const reply = await fetch(server.endpoint, { method: "POST", headers, body });
    const output = await reply.json();
    if (!reply.ok) throw Object.assign(new Error(output.message), { name: output.__type });
    return output;
  };
  const who = person();
  await signUp(call, server, OPTIONAL, who);
  tokens = (await signIn(call, OPTIONAL, who)).AuthenticationResult;
});
after(() => server?.stop());

async function verifier(tokenUse, pool = OPTIONAL) {
  const made = CognitoJwtVerifier.create({ ...pool, tokenUse });
  const keys = await fetch(`${server.endpoint}/${pool.userPoolId}/.well-known/jwks.json`);
  made.cacheJwks(await keys.json());
  return made;
}

test("access and id tokens are Cognito's", async () => {
  const access = await (await verifier("access")).verify(tokens.AccessToken);
  const id = await (await verifier("id")).verify(tokens.IdToken);
  assert.equal(access.sub, id.sub);
  assert.equal(access.username, id["cognito:username"]);
  assert.equal(access.origin_jti, id.origin_jti);
});

test("a token is not taken for another use, client or content", async () => {
  const access = await verifier("access");
  await assert.rejects(access.verify(tokens.IdToken), /Token use not allowed/);
  const other = await verifier("access", { ...OPTIONAL, clientId: "another" });
  await assert.rejects(other.verify(tokens.AccessToken), /Client ID not allowed/);
  const [head, body, signature] = tokens.AccessToken.split(".");
  const claims = JSON.parse(Buffer.from(body, "base64url"));
  const forged = Buffer.from(JSON.stringify({ ...claims, sub: "somebody" })).toString("base64url");
  await assert.rejects(access.verify(`${head}.${forged}.${signature}`), /Invalid signature/);
});
