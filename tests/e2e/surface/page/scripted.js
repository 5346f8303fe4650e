// What the tests use inside the page: the package, and a network by script.
import { FlowError, createFlow } from "/cognito-flow/index.js";

const ANSWERS = {
  sms: () => ({
    ChallengeName: "SMS_MFA",
    Session: "session-string-of-the-pool",
    ChallengeParameters: {
      CODE_DELIVERY_DELIVERY_MEDIUM: "SMS",
      CODE_DELIVERY_DESTINATION: "+*******1234",
      USER_ID_FOR_SRP: "ann",
    },
  }),
  tokens: (count) => ({
    AuthenticationResult: {
      AccessToken: `access-token-${count}`,
      IdToken: `id-token-${count}`,
      RefreshToken: "refresh-token",
      ExpiresIn: 3600,
    },
  }),
  refreshed: (count) => ({
    AuthenticationResult: {
      AccessToken: `access-token-${count}`,
      IdToken: `id-token-${count}`,
      ExpiresIn: 3600,
    },
  }),
  user: () => user({ email_verified: "true" }),
  unverified: () => user({ email_verified: "false" }),
  sent: () => ({
    CodeDeliveryDetails: {
      DeliveryMedium: "EMAIL",
      Destination: "a***@e***",
      AttributeName: "email",
    },
  }),
  bob: () => user({ email_verified: "true" }, "bob"),
  devices: () => ({
    Devices: [
      {
        DeviceKey: "eu-west-1_11111111-1111-1111-1111-111111111111",
        DeviceAttributes: [{ Name: "device_name", Value: "Ann's laptop" }],
        DeviceCreateDate: 1_700_000_000,
        DeviceLastAuthenticatedDate: 1_700_000_060.5,
      },
    ],
  }),
  factors: () => ({ ConfiguredUserAuthFactors: ["PASSWORD", "WEB_AUTHN", "SOFTWARE_TOKEN"] }),
  sessions: () => ({
    Sessions: [{ SessionId: "tkn1", CreateDate: 1_700_000_000, IsCurrentSession: true }],
  }),
  totp: () => ({ SecretCode: "JBSWY3DPEHPK3PXP", Session: "session-string-of-the-pool-2" }),
  verified: () => ({ Status: "SUCCESS" }),
  select: () => ({
    ChallengeName: "SELECT_CHALLENGE",
    Session: "session-string-of-the-pool",
    AvailableChallenges: ["PASSWORD_SRP", "EMAIL_OTP", "WEB_AUTHN"],
    ChallengeParameters: { USERNAME: "ann" },
  }),
  emailCode: () => ({
    ChallengeName: "EMAIL_OTP",
    Session: "session-string-of-the-pool",
    AvailableChallenges: ["PASSWORD_SRP", "EMAIL_OTP"],
    ChallengeParameters: {
      CODE_DELIVERY_DELIVERY_MEDIUM: "EMAIL",
      CODE_DELIVERY_DESTINATION: "a***@e***",
      USERNAME: "ann",
    },
  }),
  custom: () => ({
    ChallengeName: "CUSTOM_CHALLENGE",
    Session: "session-string-of-the-pool",
    ChallengeParameters: { USERNAME: "ann", question: "Which town?" },
  }),
  setUpEmail: () => ({
    ChallengeName: "MFA_SETUP",
    Session: "session-string-of-the-pool",
    ChallengeParameters: { MFAS_CAN_SETUP: '["EMAIL_OTP"]' },
  }),
  newDevice: () => {
    const { AuthenticationResult } = ANSWERS.tokens("of-a-device");
    const NewDeviceMetadata = { DeviceKey: "eu-west-1_22222222-2222-2222-2222-222222222222", DeviceGroupKey: "-group" };
    return { AuthenticationResult: { ...AuthenticationResult, NewDeviceMetadata } };
  },
  deviceKept: () => ({ UserConfirmationNecessary: false }),
  setUp: () => ({
    ChallengeName: "MFA_SETUP",
    Session: "session-string-of-the-pool",
    ChallengeParameters: { MFAS_CAN_SETUP: '["SOFTWARE_TOKEN_MFA"]' },
  }),
  done: () => ({}),
  passkey: () => ({
    ChallengeName: "WEB_AUTHN",
    Session: "session-string-of-the-pool",
    AvailableChallenges: ["WEB_AUTHN", "PASSWORD_SRP"],
    ChallengeParameters: {
      USERNAME: "ann",
      CREDENTIAL_REQUEST_OPTIONS: JSON.stringify({
        challenge: "Y2hhbGxlbmdlLXRvLXNpZ24",
        timeout: 180_000,
        rpId: "localhost",
        allowCredentials: window.passkeys ?? [],
        userVerification: "required",
      }),
    },
  }),
  creation: () => ({
    CredentialCreationOptions: {
      rp: { id: "localhost", name: "A shop" },
      user: { id: "YW5u", name: "ann", displayName: "Ann" },
      challenge: "Y2hhbGxlbmdlLW9mLXRoZS1wb29s",
      pubKeyCredParams: [
        { type: "public-key", alg: -7 },
        { type: "public-key", alg: -257 },
      ],
      timeout: 180_000,
      excludeCredentials: [],
      authenticatorSelection: {
        requireResidentKey: true,
        residentKey: "required",
        userVerification: "required",
      },
    },
  }),
};

function user(more, Username = "ann") {
  const attributes = { sub: "1", email: "ann@example.com", ...more };
  const UserAttributes = Object.entries(attributes).map(([Name, Value]) => ({ Name, Value }));
  return { Username, UserAttributes };
}

/**
 * A `fetch` that answers each operation with the next of its list; the last one stays. `hang`
 * never answers, `late` does so although the request was aborted, and `held` when `release` is called.
 */
function scripted(script) {
  const calls = [];
  const held = Promise.withResolvers();
  const lists = {};
  const fetch = async (url, { headers, body, signal }) => {
    const operation = headers["x-amz-target"].split(".")[1];
    calls.push({ operation, body: JSON.parse(body), signal });
    const steps = (lists[operation] ??= [...(script[operation] ?? ["done"])]);
    const step = steps.length > 1 ? steps.shift() : steps[0];
    if (step === "hang") return new Promise(() => {});
    if (step === "late" || step === "refreshed") await sleep(100);
    if (step === "held") await held.promise;
    const answer = ANSWERS[step === "late" || step === "held" ? "tokens" : step];
    // No two tabs are ever given the same tokens.
    return new Response(JSON.stringify(answer(crypto.randomUUID())));
  };
  const count = (operation) => calls.filter((call) => call.operation === operation).length;
  return { fetch, calls, count, release: held.resolve };
}

function sleep(ms) {
  return new Promise((done) => setTimeout(done, ms));
}

/** Waits until a flow is where a test wants it. */
async function until(condition) {
  for (let tries = 0; tries < 400; tries += 1) {
    if (condition()) return;
    await sleep(10);
  }
  throw new Error(`it never came to: ${condition}`);
}

/** A flow against a script, and its network. */
async function open(script, options = {}, create = createFlow) {
  const network = scripted(script);
  const flow = await create({
    userPoolId: "eu-west-1_AbCdEfGhI",
    clientId: "client",
    signInWith: "password",
    fetch: network.fetch,
    ...options,
  });
  return { flow, network };
}

const SIGN_IN = { type: "signIn", username: "ann", password: "correct horse battery" };
const MFA = { InitiateAuth: ["sms"], RespondToAuthChallenge: ["tokens"], GetUser: ["user"] };
const SIGNED_IN = { InitiateAuth: ["tokens", "refreshed"], GetUser: ["user"] };
const UNVERIFIED = {
  InitiateAuth: ["tokens"],
  GetUser: ["unverified"],
  GetUserAttributeVerificationCode: ["sent"],
};

/** How a promise was refused: its error's own members, and what it is. */
async function refusal(promise) {
  const error = await Promise.resolve(promise).then(
    () => null,
    (error) => error,
  );
  if (error === null) return null;
  const { name, message, stack } = error;
  const isFlowError = error instanceof FlowError && error instanceof Error;
  return { ...error, name, message, isFlowError, hasStack: typeof stack === "string" };
}

/** Has the session record of every flow say that its tokens are over. */
function expireStored() {
  for (const [key, text] of Object.entries({ ...localStorage })) {
    if (!text.includes("accessToken")) continue;
    localStorage.setItem(key, JSON.stringify({ ...JSON.parse(text), expiresAt: 1 }));
  }
}

/** Something like `localStorage`, which flows of one page share without being told of changes. */
function ownStorage() {
  const map = new Map();
  return {
    map,
    getItem: (key) => map.get(key) ?? null,
    setItem: (key, value) => void map.set(key, value),
    removeItem: (key) => void map.delete(key),
  };
}

/** Has the tokens of this page's flows run out: from now on it is an hour later. */
function anHourLater() {
  const now = Date.now;
  Date.now = () => now() + 3_600_000;
}

/** A `fetch` that answers everything with what `answer` makes. */
function answering(answer) {
  const fetch = async (url, init) => {
    fetch.calls.push({ url, init });
    return answer(init);
  };
  fetch.calls = [];
  return fetch;
}

Object.assign(window, {
  ANSWERS,
  FlowError,
  createFlow,
  MFA,
  SIGNED_IN,
  SIGN_IN,
  UNVERIFIED,
  anHourLater,
  answering,
  expireStored,
  open,
  ownStorage,
  refusal,
  scripted,
  sleep,
  until,
});
window.ready = true;
