// Whose session it is, and what is new in the API.
import assert from "node:assert/strict";
import { browserTest } from "./support.mjs";

browserTest("a person who signs in in one tab is signed in in those that stand idle", async ({ tab }) => {
  const [one, two] = [await tab(), await tab()];
  await two.evaluate(async () => {
    window.own = await open({}, { storage: "local" });
  });
  await one.evaluate(async () => {
    window.own = await open(SIGNED_IN, { storage: "local" });
    await own.flow.send(SIGN_IN);
  });
  const seen = await two.evaluate(async () => {
    await until(() => own.flow.snapshot().step === "signedIn");
    // The record may have been seen before it said who that is.
    const calls = own.network.calls.filter(({ operation }) => operation !== "GetUser");
    return [own.flow.snapshot().username, calls.length];
  });
  assert.deepEqual(seen, ["ann", 0]);
});

browserTest("an event under way for one person is not carried out when another signs in elsewhere", async ({ tab }) => {
  const page = await tab();
  const seen = await page.evaluate(async () => {
    const storage = ownStorage();
    const script = { ...SIGNED_IN, GetUserAttributeVerificationCode: ["hang"] };
    const one = await open(script, { storage });
    await one.flow.send(SIGN_IN);
    const { round } = one.flow.snapshot();
    const two = await open({ ...SIGNED_IN, GetUser: ["bob"] }, { storage });
    const verifying = refusal(one.flow.send({ type: "verifyAttribute", attribute: "email" }));
    await two.flow.send({ type: "signOut" });
    await two.flow.send({ ...SIGN_IN, username: "bob" });
    document.dispatchEvent(new Event("visibilitychange"));
    const { code } = await verifying;
    const { username, busy, round: after } = one.flow.snapshot();
    return { code, username, busy, grew: after > round };
  });
  assert.deepEqual(seen, { code: "challengeSpent", username: "bob", busy: null, grew: true });
});

browserTest("a code for the secret that one person was shown confirms nothing for another", async ({ tab }) => {
  const [one, two] = [await tab(), await tab()];
  await one.evaluate(async () => {
    const script = { ...SIGNED_IN, AssociateSoftwareToken: ["totp"], VerifySoftwareToken: ["verified"] };
    window.own = await open(script, { storage: "local" });
    await own.flow.send(SIGN_IN);
    await own.flow.account.startTotp();
  });
  await two.evaluate(async () => {
    window.own = await open({ ...SIGNED_IN, GetUser: ["bob"] }, { storage: "local" });
    await own.flow.send({ type: "signOut" });
    await own.flow.send({ ...SIGN_IN, username: "bob" });
  });
  const seen = await one.evaluate(async () => {
    const { flow, network } = own;
    await until(() => flow.snapshot().username === "bob");
    const { code } = await refusal(flow.account.confirmTotp("123456"));
    const sent = network.count("VerifySoftwareToken");
    // What bob sets up himself is his.
    await flow.account.startTotp();
    return [code, sent, await refusal(flow.account.confirmTotp("123456"))];
  });
  assert.deepEqual(seen, ["challengeSpent", 0, null]);
});

browserTest("session({ refresh: true }) gives fresh claims, whatever the time", async ({ tab }) => {
  const page = await tab();
  const seen = await page.evaluate(async () => {
    const { flow, network } = await open(SIGNED_IN);
    await flow.send(SIGN_IN);
    const { accessToken } = await flow.session();
    const same = await flow.session({});
    const fresh = await flow.session({ refresh: true });
    return [
      same.accessToken === accessToken,
      fresh.accessToken === accessToken,
      network.count("InitiateAuth"),
      (await refusal(flow.session({ refresh: "yes" }))).code,
    ];
  });
  assert.deepEqual(seen, [true, false, 2, "malformed"]);
});

browserTest("a firewall that wants proof of a person is told as that", async ({ tab }) => {
  const page = await tab();
  const codes = await page.evaluate(async () => {
    const headers = { "x-amzn-waf-action": "challenge" };
    const codes = [];
    for (const [status, init] of [
      [202, { headers }],
      [405, { headers }],
      [200, { headers }],
      [403, {}],
    ]) {
      const fetch = answering(() => new Response("", { status, ...init }));
      const { flow } = await open(MFA, { fetch });
      codes.push((await flow.send(SIGN_IN)).error?.code);
    }
    return codes;
  });
  assert.deepEqual(codes, Array(4).fill("blocked"));
});

browserTest("a browser without randomness is unsupported", async ({ tab }) => {
  const page = await tab(() => {
    Crypto.prototype.getRandomValues = () => {
      throw new Error("no entropy");
    };
  });
  const refused = await page.evaluate(() => refusal(open(MFA)));
  assert.deepEqual([refused.isFlowError, refused.code], [true, "unsupported"]);
});

browserTest("each form has a number of its own, and says when another code may be asked for", async ({ tab }) => {
  const page = await tab();
  const seen = await page.evaluate(async () => {
    const { flow } = await open({ ...MFA, RespondToAuthChallenge: ["sms", "tokens"] });
    const first = flow.snapshot().round;
    const { round, resendAt } = await flow.send(SIGN_IN);
    const again = await flow.send({ type: "submitCode", code: "246810" });
    const { device } = await flow.send({ type: "submitCode", code: "246810" });
    return [typeof first, round > first, typeof resendAt, again.round > round, device];
  });
  assert.deepEqual(seen, ["number", true, "number", true, null]);
});

browserTest("an event's own metadata goes along, and the validation data of a sign-up", async ({ tab }) => {
  const page = await tab();
  const seen = await page.evaluate(async () => {
    const { flow, network } = await open({ SignUp: ["done"] }, { clientMetadata: { a: "1", b: "2" } });
    const event = { type: "signUp", username: "ann", password: "correct horse battery" };
    await flow.send({
      ...event,
      clientMetadata: { b: "3" },
      validationData: { captcha: "proof" },
    });
    const { ClientMetadata, ValidationData } = network.calls[0].body;
    return { ClientMetadata, ValidationData };
  });
  assert.deepEqual(seen, {
    ClientMetadata: { a: "1", b: "3" },
    ValidationData: [{ Name: "captcha", Value: "proof" }],
  });
});

browserTest("a person's devices are listed, and one that there is not is not forgotten", async ({ tab }) => {
  const page = await tab();
  const seen = await page.evaluate(async () => {
    const { flow, network } = await open({ ...SIGNED_IN, ListDevices: ["devices"] });
    await flow.send(SIGN_IN);
    const [device] = await flow.account.devices();
    await flow.account.forgetDevice(device.key);
    return {
      device,
      forgotten: network.calls.at(-1).body.DeviceKey === device.key,
      codes: [
        (await refusal(flow.account.forgetDevice())).code,
        (await refusal(flow.account.rememberDevice())).code,
        (await refusal(flow.account.forgetDevice(7))).code,
      ],
    };
  });
  assert.deepEqual(seen, {
    device: {
      key: "eu-west-1_11111111-1111-1111-1111-111111111111",
      name: "Ann's laptop",
      createdAt: 1_700_000_000_000,
      lastUsedAt: 1_700_000_060_500,
      current: false,
    },
    forgotten: true,
    codes: ["notAccepted", "notAccepted", "malformed"],
  });
});

browserTest("a person's factors and sessions are listed, and a session is ended", async ({ tab }) => {
  const page = await tab();
  const seen = await page.evaluate(async () => {
    const script = { GetUserAuthFactors: ["factors"], ListUserSessions: ["sessions"] };
    const { flow, network } = await open({ ...SIGNED_IN, ...script });
    await flow.send(SIGN_IN);
    const factors = await flow.account.factors();
    const sessions = await flow.account.sessions();
    await flow.account.endSession(sessions[0].id);
    const { operation, body } = network.calls.at(-1);
    const { code } = await refusal(flow.account.endSession());
    return { factors, sessions, ended: [operation, body.SessionId], code };
  });
  assert.deepEqual(seen, {
    factors: ["password", "passkey"],
    sessions: [
      {
        id: "tkn1",
        clientId: null,
        createdAt: 1_700_000_000_000,
        lastActiveAt: null,
        deviceType: null,
        ip: null,
        place: null,
        current: true,
      },
    ],
    ended: ["RevokeUserSession", "tkn1"],
    code: "malformed",
  });
});

browserTest("an authenticator is named after the page's host, unless the app says how", async ({ tab }) => {
  const page = await tab();
  const seen = await page.evaluate(async () => {
    const uris = [];
    for (const more of [{}, { issuer: "Ann's & Co" }]) {
      const script = { ...SIGNED_IN, AssociateSoftwareToken: ["totp"] };
      const { flow } = await open(script, more);
      await flow.send(SIGN_IN);
      const { secret, uri } = await flow.account.startTotp();
      uris.push(secret, uri);
      flow.dispose();
    }
    const malformed = await refusal(open({}, { issuer: 7 }));
    return [...uris, malformed.code, malformed.message.includes("`issuer`")];
  });
  const secret = "JBSWY3DPEHPK3PXP";
  assert.deepEqual(seen, [
    secret,
    `otpauth://totp/127.0.0.1:ann?secret=${secret}&issuer=127.0.0.1`,
    secret,
    `otpauth://totp/Ann%27s%20%26%20Co:ann?secret=${secret}&issuer=Ann%27s%20%26%20Co`,
    "malformed",
    true,
  ]);
});

browserTest("an authenticator is confirmed under its name, and used as the app says", async ({ tab }) => {
  const page = await tab();
  const seen = await page.evaluate(async () => {
    const script = { ...SIGNED_IN, VerifySoftwareToken: ["verified"], SetUserMFAPreference: ["done"] };
    const { flow, network } = await open(script);
    await flow.send(SIGN_IN);
    const { confirmTotp } = flow.account;
    const told = await confirmTotp("246810", { deviceName: "Phone", as: "preferred" });
    const [verified, preferred] = network.calls.slice(-2).map((call) => call.body);
    return {
      told: told === undefined,
      name: verified.FriendlyDeviceName,
      preferred: preferred.SoftwareTokenMfaSettings,
      codes: [
        (await refusal(confirmTotp(246810))).code,
        (await refusal(confirmTotp("246810", { as: "maybe" }))).code,
      ],
    };
  });
  assert.deepEqual(seen, {
    told: true,
    name: "Phone",
    preferred: { Enabled: true, PreferredMfa: true },
    codes: ["malformed", "malformed"],
  });
});

browserTest("the secret of an authenticator is in no storage, and another is asked for after a reload", async ({ tab, load }) => {
  const page = await tab();
  const enrolled = () =>
    page.evaluate(async () => {
      const script = { InitiateAuth: ["setUp"], AssociateSoftwareToken: ["totp"] };
      const { flow } = await open(script, { storage: "local" });
      if (flow.snapshot().busy === null) await flow.send(SIGN_IN);
      while (flow.snapshot().busy !== null) await new Promise((done) => setTimeout(done, 5));
      const { step, secret } = flow.snapshot();
      const stored = JSON.stringify([{ ...localStorage }, { ...sessionStorage }]);
      return { step, secret, kept: stored.includes(secret), pending: stored.includes("setUpTotp") };
    });
  const expected = { step: "setUpTotp", secret: "JBSWY3DPEHPK3PXP", kept: false, pending: true };
  assert.deepEqual(await enrolled(), expected);
  await load(page);
  assert.deepEqual(await enrolled(), expected);
});
