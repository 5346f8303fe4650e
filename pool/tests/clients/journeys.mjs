// What a person does with a user pool, told once for every client that calls the API's operations
// by name: `call(operation, input)` answers the output or rejects with an error whose `name` is the
// exception's.
import assert from "node:assert/strict";
import { JwtRsaVerifier } from "aws-jwt-verify";
import { SimpleJwksCache } from "aws-jwt-verify/jwk";
import { OPTIONAL, REQUIRED, otherThan, person } from "./server.mjs";
import { startSrp } from "./srp.mjs";
import { totp } from "./totp.mjs";

/** Asserts that a call is refused with an exception. */
export async function refused(promise, name, message) {
  await assert.rejects(promise, (error) => {
    assert.equal(error.name, name, error.message);
    if (message !== undefined) assert.match(error.message, message);
    return true;
  });
}

/** Signs up and confirms with the code of the SMS. */
export async function signUp(call, server, pool, who) {
  const reply = await call("SignUp", {
    ClientId: pool.clientId,
    Username: who.username,
    Password: who.password,
    UserAttributes: [
      { Name: "email", Value: who.email },
      { Name: "phone_number", Value: who.phone },
    ],
  });
  assert.equal(reply.UserConfirmed, false);
  assert.deepEqual(reply.CodeDeliveryDetails, {
    AttributeName: "phone_number",
    DeliveryMedium: "SMS",
    Destination: who.maskedPhone,
  });
  const confirm = (code) =>
    call("ConfirmSignUp", {
      ClientId: pool.clientId,
      Username: who.username,
      ConfirmationCode: code,
    });
  const code = await server.code(who.phone);
  await refused(confirm(otherThan(code)), "CodeMismatchException", /^Invalid verification code/);
  await confirm(code);
  await refused(confirm(code), "NotAuthorizedException", /Current status is CONFIRMED/);
}

/** Signs in by SRP, up to tokens or the next challenge. */
export async function signIn(call, pool, who, password = who.password) {
  const srp = startSrp(pool.userPoolId);
  const challenge = await call("InitiateAuth", {
    ClientId: pool.clientId,
    AuthFlow: "USER_SRP_AUTH",
    AuthParameters: { USERNAME: who.username, SRP_A: srp.a },
  });
  assert.equal(challenge.ChallengeName, "PASSWORD_VERIFIER");
  return call("RespondToAuthChallenge", {
    ClientId: pool.clientId,
    ChallengeName: "PASSWORD_VERIFIER",
    ChallengeResponses: srp.answer(challenge.ChallengeParameters, password),
  });
}

/** Answers a challenge that asks for a code. */
export function respond(call, pool, who, challenge, code) {
  const name = challenge.ChallengeName;
  return call("RespondToAuthChallenge", {
    ClientId: pool.clientId,
    ChallengeName: name,
    Session: challenge.Session,
    ChallengeResponses: { USERNAME: who.username, [`${name}_CODE`]: code },
  });
}

/** The attributes of the person whose token it is. */
export async function attributesOf(call, token) {
  const { UserAttributes } = await call("GetUser", { AccessToken: token });
  return Object.fromEntries(UserAttributes.map(({ Name, Value }) => [Name, Value]));
}

/** Has tokens checked as a backend would, by AWS's own library. */
export async function verifyTokens(server, pool, { AccessToken, IdToken }) {
  const jwksCache = new SimpleJwksCache({
    // The library fetches only by https, which a server on loopback does not have.
    fetcher: { fetch: async (uri) => (await fetch(local(server, uri))).arrayBuffer() },
  });
  for (const [token, tokenUse] of [
    [AccessToken, "access"],
    [IdToken, "id"],
  ]) {
    const issuer = `${server.endpoint}/${pool.userPoolId}`;
    const claims = JSON.parse(Buffer.from(token.split(".")[1], "base64url"));
    assert.equal(claims.iss, issuer);
    assert.equal(claims.token_use, tokenUse);
    const verifier = JwtRsaVerifier.create(
      {
        issuer,
        audience: tokenUse === "id" ? pool.clientId : null,
        jwksUri: `https://pool.test/${pool.userPoolId}/.well-known/jwks.json`,
      },
      { jwksCache },
    );
    assert.equal((await verifier.verify(token)).sub, claims.sub);
  }
}

/** Phone and email both: one code, to the phone; the email is verified after the first sign-in. */
export async function phoneAndEmail(call, server) {
  const who = person();
  await signUp(call, server, OPTIONAL, who);
  await refused(
    signIn(call, OPTIONAL, who, "Wrong-horse-7"),
    "NotAuthorizedException",
    /^Incorrect username or password\.$/,
  );
  const { AuthenticationResult: tokens } = await signIn(call, OPTIONAL, who);
  await verifyTokens(server, OPTIONAL, tokens);
  const before = await attributesOf(call, tokens.AccessToken);
  assert.equal(before.phone_number_verified, "true");
  assert.notEqual(before.email_verified, "true");

  const sent = await call("GetUserAttributeVerificationCode", {
    AccessToken: tokens.AccessToken,
    AttributeName: "email",
  });
  assert.deepEqual(sent.CodeDeliveryDetails, {
    AttributeName: "email",
    DeliveryMedium: "EMAIL",
    Destination: who.maskedEmail,
  });
  const verify = (code) =>
    call("VerifyUserAttribute", {
      AccessToken: tokens.AccessToken,
      AttributeName: "email",
      Code: code,
    });
  const code = await server.code(who.email);
  await refused(verify(otherThan(code)), "CodeMismatchException");
  await verify(code);
  assert.equal((await attributesOf(call, tokens.AccessToken)).email_verified, "true");
}

/** A second factor by SMS, then by an app. */
export async function secondFactors(call, server) {
  const who = person();
  await signUp(call, server, OPTIONAL, who);
  const { AccessToken } = (await signIn(call, OPTIONAL, who)).AuthenticationResult;
  await call("SetUserMFAPreference", {
    AccessToken,
    SMSMfaSettings: { Enabled: true, PreferredMfa: true },
  });
  const bySms = await signIn(call, OPTIONAL, who);
  assert.equal(bySms.ChallengeName, "SMS_MFA");
  assert.equal(bySms.ChallengeParameters.CODE_DELIVERY_DELIVERY_MEDIUM, "SMS");
  assert.equal(bySms.ChallengeParameters.CODE_DELIVERY_DESTINATION, who.maskedPhone);
  const code = await server.code(who.phone);
  await refused(
    respond(call, OPTIONAL, who, bySms, otherThan(code)),
    "CodeMismatchException",
    /^Invalid code or auth state for the user\.$/,
  );
  const { AuthenticationResult: tokens } = await respond(call, OPTIONAL, who, bySms, code);
  await refused(respond(call, OPTIONAL, who, bySms, code), "NotAuthorizedException");

  const { SecretCode } = await call("AssociateSoftwareToken", { AccessToken: tokens.AccessToken });
  const verify = (UserCode) =>
    call("VerifySoftwareToken", { AccessToken: tokens.AccessToken, UserCode });
  await refused(verify(otherThan(totp(SecretCode))), "EnableSoftwareTokenMFAException");
  assert.equal((await verify(totp(SecretCode))).Status, "SUCCESS");
  await call("SetUserMFAPreference", {
    AccessToken: tokens.AccessToken,
    SMSMfaSettings: { Enabled: true, PreferredMfa: false },
    SoftwareTokenMfaSettings: { Enabled: true, PreferredMfa: true },
  });
  const byApp = await signIn(call, OPTIONAL, who);
  assert.equal(byApp.ChallengeName, "SOFTWARE_TOKEN_MFA");
  const answered = await respond(call, OPTIONAL, who, byApp, totp(SecretCode, 1));
  await verifyTokens(server, OPTIONAL, answered.AuthenticationResult);
}

/** Refreshing, signing out here and everywhere. */
export async function sessions(call, server) {
  const who = person();
  await signUp(call, server, OPTIONAL, who);
  const { AuthenticationResult: tokens } = await signIn(call, OPTIONAL, who);
  const refresh = () =>
    call("InitiateAuth", {
      ClientId: OPTIONAL.clientId,
      AuthFlow: "REFRESH_TOKEN_AUTH",
      AuthParameters: { REFRESH_TOKEN: tokens.RefreshToken },
    });
  const { AuthenticationResult: fresh } = await refresh();
  await verifyTokens(server, OPTIONAL, fresh);
  await call("RevokeToken", { ClientId: OPTIONAL.clientId, Token: tokens.RefreshToken });
  await refused(refresh(), "NotAuthorizedException");
  await refused(call("GetUser", { AccessToken: fresh.AccessToken }), "NotAuthorizedException");

  const again = (await signIn(call, OPTIONAL, who)).AuthenticationResult;
  await call("GlobalSignOut", { AccessToken: again.AccessToken });
  await refused(call("GetUser", { AccessToken: again.AccessToken }), "NotAuthorizedException");
}

/** A forgotten password. */
export async function forgottenPassword(call, server) {
  const who = person();
  await signUp(call, server, OPTIONAL, who);
  const { CodeDeliveryDetails } = await call("ForgotPassword", {
    ClientId: OPTIONAL.clientId,
    Username: who.username,
  });
  assert.equal(CodeDeliveryDetails.Destination, who.maskedPhone);
  const confirm = (code) =>
    call("ConfirmForgotPassword", {
      ClientId: OPTIONAL.clientId,
      Username: who.username,
      ConfirmationCode: code,
      Password: "Another-horse-8",
    });
  const code = await server.code(who.phone);
  await refused(confirm(otherThan(code)), "CodeMismatchException");
  await confirm(code);
  await refused(signIn(call, OPTIONAL, who), "NotAuthorizedException");
  assert.ok((await signIn(call, OPTIONAL, who, "Another-horse-8")).AuthenticationResult);
}

/** A pool that asks everybody for a second factor. */
export async function requiredFactor(call, server) {
  const who = person();
  await signUp(call, server, REQUIRED, who);
  const challenge = await signIn(call, REQUIRED, who);
  assert.equal(challenge.AuthenticationResult, undefined);
  assert.equal(challenge.ChallengeName, "SMS_MFA");
  const code = await server.code(who.phone);
  const reply = await respond(call, REQUIRED, who, challenge, code);
  await verifyTokens(server, REQUIRED, reply.AuthenticationResult);
}

/** A lost phone: an administrator gives the person another number, and codes go there. */
export async function lostPhone(call, server) {
  const who = person();
  await signUp(call, server, REQUIRED, who);
  const other = person();
  await call("AdminUpdateUserAttributes", {
    UserPoolId: REQUIRED.userPoolId,
    Username: who.username,
    UserAttributes: [{ Name: "phone_number", Value: other.phone }],
  });
  const { UserAttributes } = await call("AdminGetUser", {
    UserPoolId: REQUIRED.userPoolId,
    Username: who.username,
  });
  const verified = UserAttributes.find(({ Name }) => Name === "phone_number_verified");
  assert.equal(verified.Value, "false");
  const challenge = await signIn(call, REQUIRED, who);
  assert.equal(challenge.ChallengeParameters.CODE_DELIVERY_DESTINATION, other.maskedPhone);
  const reply = await respond(call, REQUIRED, who, challenge, await server.code(other.phone));
  const attributes = await attributesOf(call, reply.AuthenticationResult.AccessToken);
  assert.equal(attributes.phone_number, other.phone);
  // The code that came back has proven the new number.
  assert.equal(attributes.phone_number_verified, "true");
}

function local(server, uri) {
  return server.endpoint + new URL(uri).pathname;
}
