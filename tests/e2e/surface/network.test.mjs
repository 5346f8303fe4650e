// What a `fetch` can answer with, and what is told of one that fails.
import assert from "node:assert/strict";
import { browserTest } from "./support.mjs";

const REFUSED = {
  __type: "NotAuthorizedException",
  message: "Incorrect username or password.",
};

browserTest("headers that are none are no headers", async ({ tab }) => {
  const page = await tab();
  const codes = await page.evaluate(async (refused) => {
    const gets = [
      () => 7,
      () => ({}),
      () => {
        throw new Error("not now");
      },
    ];
    const headers = [undefined, null, {}, ...gets.map((get) => ({ get }))];
    const codes = [];
    for (const header of headers) {
      const text = async () => JSON.stringify(refused);
      const fetch = answering(() => ({ status: 400, headers: header, text }));
      const { flow } = await open(MFA, { fetch });
      codes.push((await flow.send(SIGN_IN)).error?.code);
    }
    return codes;
  }, REFUSED);
  assert.deepEqual(codes, Array(6).fill("wrongCredentials"));
});

browserTest("an answer of nobody signs nobody in", async ({ tab }) => {
  const page = await tab();
  const seen = await page.evaluate(async () => {
    const text = async () => JSON.stringify(ANSWERS.tokens(1));
    const answers = [
      ...["200", 200.5, 99, 600, NaN, 0, undefined].map((status) => ({ status, text })),
      { status: 200, text, redirected: true },
      { status: 200, text: async () => 7 },
      { status: 200 },
      null,
      undefined,
      "{}",
    ];
    const seen = [];
    for (const answer of answers) {
      const { flow } = await open(MFA, { fetch: answering(() => answer) });
      const { step, error } = await flow.send(SIGN_IN);
      seen.push([step, error?.code]);
    }
    return seen;
  });
  assert.deepEqual(seen, Array(13).fill(["signedOut", "server"]));
});

browserTest("a body without end is read to the limit and given back", async ({ tab }) => {
  const page = await tab();
  const seen = await page.evaluate(async () => {
    let read = 0;
    let cancelled = false;
    const fetch = answering(() => {
      const body = new ReadableStream({
        pull(controller) {
          read += 65_536;
          controller.enqueue(new Uint8Array(65_536).fill(0x20));
        },
        cancel() {
          cancelled = true;
        },
      });
      return new Response(body);
    });
    const { flow } = await open(MFA, { fetch });
    const { step, error } = await flow.send(SIGN_IN);
    return { step, code: error.code, cancelled, isShort: read < 1_500_000 };
  });
  assert.deepEqual(seen, { step: "signedOut", code: "server", cancelled: true, isShort: true });
});

browserTest("a body comes whole, in whatever pieces, or from what is only like a response", async ({ tab }) => {
  const page = await tab();
  const names = await page.evaluate(async () => {
    const answers = () => [
      ANSWERS.tokens(1),
      { Username: "ann", UserAttributes: [{ Name: "name", Value: "Änne 安" }] },
    ];
    const kinds = {
      pieces: (text) => {
        const bytes = [...new TextEncoder().encode(text)];
        const pull = (controller) => {
          if (bytes.length === 0) controller.close();
          else controller.enqueue(Uint8Array.of(bytes.shift()));
        };
        return new Response(new ReadableStream({ pull }));
      },
      alike: (text) => ({ status: 200, headers: new Map(), text: async () => text }),
    };
    const names = [];
    for (const kind of Object.values(kinds)) {
      const all = answers();
      const fetch = answering(() => kind(JSON.stringify(all.shift())));
      const { flow } = await open(MFA, { fetch });
      names.push((await flow.send(SIGN_IN)).attributes?.name);
    }
    return names;
  });
  assert.deepEqual(names, ["Änne 安", "Änne 安"]);
});

browserTest("what fetch threw is the cause of the error, and stays as it is", async ({ tab }) => {
  const page = await tab();
  const seen = await page.evaluate(async () => {
    const { flow, network } = await open(SIGNED_IN, {
      fetch: (...request) => (fault ? Promise.reject(fault) : network.fetch(...request)),
    });
    let fault = Object.assign(new TypeError("Failed to fetch"), { more: {} });
    const failed = await flow.send(SIGN_IN);
    const shown = [failed.error.code, failed.error.cause === fault];
    const isHidden = !JSON.stringify(failed).includes("cause") && !("cause" in { ...failed.error });
    const frozen = [Object.isFrozen(failed.error), Object.isFrozen(fault), Object.isFrozen(fault.more)];
    const first = fault;
    fault = undefined;
    const { error } = await flow.send(SIGN_IN);
    fault = new TypeError("Load failed");
    const refused = await flow.account.mfaPreference().catch((error) => error);
    return {
      shown,
      isHidden,
      frozen,
      error,
      unchanged: Object.keys(first),
      refused: [refused instanceof FlowError, refused.code, refused.cause === fault],
    };
  });
  assert.deepEqual(seen, {
    shown: ["outcomeUnknown", true],
    isHidden: true,
    frozen: [true, false, false],
    error: null,
    unchanged: ["more"],
    refused: [true, "offline", true],
  });
});
