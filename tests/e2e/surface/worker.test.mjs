// The client in a worker, and the page's end of it: the same functions, and no refresh token.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "../../../scripts/lib/run.mjs";
import { browserTest } from "./support.mjs";

/** A page under Trusted Types has a policy for the scripts that its workers run. */
const trusting = { policy: "trusted-types=workers" };
const policy = () => {
  const policy = trustedTypes.createPolicy("workers", { createScriptURL: (url) => url });
  window.scriptAt = (url) => policy.createScriptURL(url);
};

browserTest("a flow in a worker signs in and out, and its page never sees the refresh token", async ({ tab }) => {
  const page = await tab(policy);
  const seen = await page.evaluate(async () => {
    const { connectFlow, FlowError } = await import("/cognito-flow/worker.js");
    const worker = new Worker(scriptAt("worker.js"), { type: "module" });
    const heard = [];
    worker.addEventListener("message", ({ data }) => heard.push(JSON.stringify(data)));
    const flow = await connectFlow(worker);
    const told = [];
    flow.subscribe(() => told.push(flow.snapshot().step));
    const first = [flow.snapshot().step, flow.accepts("signIn"), flow.accepts("submitCode"), Object.isFrozen(flow.snapshot())];
    const code = await flow.send({ type: "signIn", username: "ann", password: "correct horse" });
    const isSame = code === flow.snapshot();
    const misuse = await flow.send({ type: "signUp", username: "x", password: "y" }).catch((error) => error);
    const unclonable = await flow.send({ type: "submitCode", code: () => {} }).catch((error) => error);
    const { step, attributes } = await flow.send({ type: "submitCode", code: "246810" });
    const { accessToken } = await flow.session();
    const fresh = await flow.session({ refresh: true });
    const sessions = [accessToken, fresh.accessToken, Object.keys(fresh)];
    const out = await flow.send({ type: "signOut" });
    const refused = await flow.session().catch((error) => error);
    flow.dispose();
    const after = await flow.send({ type: "cancel" }).catch((error) => error.code);
    return {
      first, code: code.step, isSame, told: [...new Set(told)], step, email: attributes.email, sessions, out: out.step,
      errors: [misuse, unclonable, refused].map((error) => [error instanceof FlowError, error.code]),
      after, accepts: flow.accepts("signIn"), leaked: heard.filter((text) => /refresh-token|session-string/.test(text)),
      heard: heard.length > 5,
    };
  });
  assert.deepEqual(seen, {
    first: ["signedOut", true, false, true],
    code: "mfaCode",
    isSame: true,
    told: ["signedOut", "mfaCode", "signedIn"],
    step: "signedIn",
    email: "ann@example.com",
    sessions: ["access-token-1", "access-token-2", ["accessToken", "idToken", "expiresAt"]],
    out: "signedOut",
    errors: [[true, "notAccepted"], [true, "malformed"], [true, "notAccepted"]],
    after: "disposed",
    accepts: false,
    leaked: [],
    heard: true,
  });
}, trusting);

browserTest("a shared worker serves several pages, and keeps the session over a reload", async ({ tab, load }) => {
  const open = async (page) => {
    await page.evaluate(async () => {
      const { connectFlow } = await import("/cognito-flow/worker.js");
      window.flow = await connectFlow(new SharedWorker(scriptAt("worker.js"), { type: "module" }).port);
    });
  };
  const pages = [await tab(policy), await tab(policy)];
  for (const page of pages) await open(page);
  await pages[0].evaluate(async () => {
    await flow.send({ type: "signIn", username: "ann", password: "correct horse" });
    await flow.send({ type: "submitCode", code: "246810" });
  });
  await pages[1].waitForFunction(() => flow.snapshot().step === "signedIn");
  await load(pages[0]);
  await open(pages[0]);
  assert.equal(await pages[0].evaluate(async () => (await flow.session()).accessToken), "access-token-1");
  await pages[1].evaluate(() => flow.send({ type: "signOut" }));
  await pages[0].waitForFunction(() => flow.snapshot().step === "signedOut");
}, trusting);

browserTest("what goes wrong in the worker is told, and strange messages are nobody's", async ({ tab }) => {
  const page = await tab(policy);
  const seen = await page.evaluate(async () => {
    const { connectFlow } = await import("/cognito-flow/worker.js");
    const results = [];
    const failed = (worker) => connectFlow(worker).catch(({ code }) => results.push(code));
    await failed(new Worker(scriptAt("worker.js"), { type: "module", name: "broken" }));
    await failed(new Worker(scriptAt("none.js"), { type: "module" }));
    const worker = new Worker(scriptAt("worker.js"), { type: "module" });
    const flow = await connectFlow(worker);
    const answered = (message) =>
      new Promise((done) => {
        worker.addEventListener("message", ({ data }) => done(data.error?.code), { once: true });
        worker.postMessage(message);
      });
    for (const name of ["dispose", "constructor", "__proto__", undefined]) {
      results.push(await answered({ of: "cognito-flow", id: "x", name, given: 7 }));
    }
    for (const message of [null, 7, {}, { of: "another", name: "send" }]) worker.postMessage(message);
    return [...results, (await flow.send({ type: "signIn", username: "ann", password: "correct horse" })).step];
  });
  assert.deepEqual(seen, ["malformed", "unsupported", ...Array(4).fill("malformed"), "mfaCode"]);
}, trusting);

test("every event and every call of the account goes over", () => {
  const declarations = readFileSync(join(root, "js/index.d.ts"), "utf8");
  const source = readFileSync(join(root, "js/worker.js"), "utf8");
  const listed = (name) => [...new RegExp(`const ${name} = \\[([^\\]]+)\\]`).exec(source)[1].matchAll(/"(\w+)"/g)].map(([, one]) => one);
  const [, events] = /export type FlowEvent = \(([^]+?)\n\) &/.exec(declarations);
  const types = [...events.matchAll(/type: "(\w+)"/g)].map(([, type]) => type);
  assert.deepEqual(listed("EVENTS"), [...new Set(types)].sort());
  const [, account] = /export interface Account \{([^]+?)\n\}/.exec(declarations);
  const calls = [...account.matchAll(/^ {2}(\w+)\(/gm)].map(([, call]) => call);
  assert.deepEqual(listed("OF_ACCOUNT"), calls.sort());
});
