// Passkeys, with the browser's own authenticator for tests.
import assert from "node:assert/strict";
import { browserTest } from "./support.mjs";

/** Passkeys are for names, never for addresses. */
const NAMED = { host: "localhost" };

const INTERNAL = {
  protocol: "ctap2",
  transport: "internal",
  hasResidentKey: true,
  hasUserVerification: true,
  isUserVerified: true,
  automaticPresenceSimulation: true,
};

/** Gives a page an authenticator, as `Touch ID` is one. */
async function authenticator(context, page, options = {}) {
  const cdp = await context.newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: { ...INTERNAL, ...options },
  });
  const send = (method, more) => cdp.send(`WebAuthn.${method}`, { authenticatorId, ...more });
  return {
    send,
    credentials: async () => (await send("getCredentials")).credentials,
  };
}

const decoded = (base64url) => Buffer.from(base64url, "base64url");
const clientData = ({ response }) => JSON.parse(decoded(response.clientDataJSON));

/** Signs ann in in the page, and says how making a passkey ended and what the pool was sent. */
const making = (script = {}, options = {}) => ({ script, options });
const make = async ({ script, options }) => {
  const { flow, network } = await open(
    { ...SIGNED_IN, StartWebAuthnRegistration: ["creation"], ...script },
    options,
  );
  await flow.send(SIGN_IN);
  const error = await refusal(flow.account.createPasskey());
  const sent = network.calls.find(({ operation }) => operation === "CompleteWebAuthnRegistration");
  return { code: error?.code, message: error?.message, credential: sent?.body.Credential };
};

browserTest(
  "a passkey is made, with the browser's conversions and without",
  async ({ context, tab }) => {
    const credentials = [];
    for (const old of [false, true]) {
      const page = await tab(
        old &&
          (() => {
            delete PublicKeyCredential.parseCreationOptionsFromJSON;
            delete PublicKeyCredential.prototype.toJSON;
          }),
      );
      const { credentials: kept, send } = await authenticator(context, page);
      const { code, credential } = await page.evaluate(make, making());
      assert.equal(code, undefined);
      const [{ credentialId, isResidentCredential, rpId, userHandle }] = await kept();
      assert.ok(isResidentCredential);
      assert.equal(rpId, "localhost");
      assert.equal(decoded(userHandle).toString(), "ann");
      assert.deepEqual(decoded(credential.id), decoded(credentialId));
      assert.equal(credential.rawId, credential.id);
      const { type, challenge, origin } = clientData(credential);
      assert.equal(type, "webauthn.create");
      assert.equal(challenge, "Y2hhbGxlbmdlLW9mLXRoZS1wb29s");
      assert.match(origin, /^http:\/\/localhost:/);
      assert.doesNotMatch(JSON.stringify(credential.response), /[+/=]/, "base64url, not base64");
      credentials.push(credential);
      await send("removeVirtualAuthenticator");
    }
    const shape = ({ response, ...rest }) => [Object.keys(rest).sort(), Object.keys(response).sort()];
    const [today, before] = credentials;
    assert.deepEqual(shape(before), shape(today));
    for (const name of ["attestationObject", "authenticatorData", "publicKey"]) {
      const lengths = credentials.map(({ response }) => decoded(response[name]).length);
      assert.ok(lengths[0] > 30 && lengths[0] === lengths[1], `${name}: ${lengths}`);
    }
    assert.deepEqual(before.response.transports, today.response.transports);
    assert.equal(before.response.publicKeyAlgorithm, -7);
  },
  NAMED,
);
