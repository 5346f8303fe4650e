// How much work a machine does for one thing, when there was much of it before or much belongs to it.
//
// Work is counted, not timed: on a module with notes (instrumented.mjs) it is the number of branches
// taken and addresses used, the allocator's among them. It is the same in each run.
import { openModule } from "./sign-in.mjs";

const LIFETIME = 3600;
const OPTIONS = { signInWith: "password", verify: { when: "never" } };

/** A pool that gives tokens of this length, and a user with so many attributes. */
function poolOf({ attributes = 2, tokens = 1000 } = {}) {
  const list = attributesOf(attributes).map(([Name, Value]) => ({ Name, Value }));
  const token = `x.${Buffer.from("{}").toString("base64url")}.`.padEnd(tokens, "x");
  const AuthenticationResult = {
    AccessToken: token,
    IdToken: token,
    RefreshToken: token,
    ExpiresIn: LIFETIME,
    TokenType: "Bearer",
  };
  return {
    InitiateAuth: { AuthenticationResult, ChallengeParameters: {} },
    GetTokensFromRefreshToken: { AuthenticationResult },
    GetUser: { Username: "alice", UserAttributes: list },
    UpdateUserAttributes: { CodeDeliveryDetailsList: [] },
    DeleteUserAttributes: {},
    RevokeToken: {},
  };
}

/** Not in the order in which they are kept. */
const attributesOf = (count) =>
  Array.from({ length: count }, (_, at) => [`custom:a${(at * 7919) % 100_003}`, `value ${at}`]);

export async function openMeasure(module) {
  const { exports, openMachine } = await openModule(module);

  const open = (size) => {
    const replies = poolOf(size);
    const machine = openMachine(OPTIONS);
    /** Does what the machine asks for until it asks for nothing; gives what it answered. */
    const settle = (said) => {
      const done = { calls: 0, answers: 0, snapshot: undefined };
      const rest = [...said];
      while (rest.length > 0) {
        const [what, number, ...more] = rest.shift();
        if (what === "send") {
          done.calls += 1;
          const [, operation] = more;
          if (!replies[operation]) throw new Error(`no reply for ${operation}`);
          rest.push(...machine.reply(number, replies[operation]));
        } else if (what === "lock") rest.push(...machine.locked(number));
        else if (what === "answer") done.answers += 1;
        else if (what === "refuse" || what === "misuse") throw new Error(JSON.stringify([what, number, ...more]));
        else if (what === "show") done.snapshot = number;
      }
      return done;
    };
    return {
      ...machine,
      settle,
      signIn() {
        const done = settle(machine.event({ type: "signIn", username: "alice", password: "correct horse" }));
        if (done.snapshot.step !== "signedIn") throw new Error(JSON.stringify(done.snapshot));
        return done;
      },
      signOut: () => settle(machine.event({ type: "signOut" })),
    };
  };

  /** What an action costs: notes of the module (where it makes any), pages of memory afterwards, ms. */
  const cost = (action) => {
    // Beyond four thousand millions it stands still.
    if (exports.count) exports.count.value = 0;
    const start = performance.now();
    const done = action();
    const ms = performance.now() - start;
    const work = exports.count?.value >>> 0;
    return { work, ms, kilobytes: memoryOf(exports), ...done };
  };

  return {
    /** The `nth` sign-ins in one flow. */
    signIns(nths) {
      const flow = open();
      return rows(nths, (nth, from) => {
        for (let before = from; before < nth; before += 1) {
          flow.signIn();
          flow.signOut();
        }
        const one = cost(flow.signIn);
        flow.signOut();
        return one;
      });
    },
    /** A sign-in in the `nth` flow that is open. */
    flows(nths) {
      const all = [];
      const result = rows(nths, (nth, from) => {
        for (let before = from; before < nth; before += 1) {
          const flow = open();
          flow.signIn();
          all.push(flow);
        }
        const flow = open();
        all.push(flow);
        return cost(flow.signIn);
      });
      for (const { close } of all) close();
      return result;
    },
    /** A sign-in after so many flows were opened and closed. */
    closed(nths) {
      return rows(nths, (nth, from) => {
        for (let before = from; before < nth; before += 1) {
          const flow = open();
          flow.signIn();
          flow.close();
        }
        const flow = open();
        const one = cost(flow.signIn);
        flow.close();
        return one;
      });
    },
    signInWithAttributes: (counts) => sizes(counts, (attributes) => cost(open({ attributes }).signIn)),
    updateAttributes: (counts) =>
      sizes(counts, (attributes) => {
        const flow = open({ attributes });
        flow.signIn();
        const given = { attributes: Object.fromEntries(attributesOf(attributes)) };
        return cost(() => flow.settle(flow.ask("updateAttributes", given)));
      }),
    deleteAttributes: (counts) =>
      sizes(counts, (attributes) => {
        const flow = open({ attributes });
        flow.signIn();
        const names = attributesOf(attributes).map(([name]) => name);
        return cost(() => flow.settle(flow.ask("deleteAttributes", { names })));
      }),
    signInWithTokens: (lengths) => sizes(lengths, (tokens) => cost(open({ tokens }).signIn)),
    /** So many callers of `session({ refresh: true })` at once. */
    callers: (counts) =>
      sizes(counts, (count) => {
        const flow = open();
        flow.signIn();
        return cost(() => {
          const said = [];
          for (let caller = 0; caller < count; caller += 1) said.push(...flow.ask("session", { refresh: true }));
          return flow.settle(said);
        });
      }),
  };
}

function rows(nths, one) {
  let from = 1;
  return nths.map((nth) => {
    const result = one(nth, from);
    from = nth + 1;
    return { of: nth, ...result };
  });
}

const sizes = (list, one) => list.map((size) => ({ of: size, ...one(size) }));

/** Its name is a short one in the published module. */
function memoryOf(exports) {
  const memory = Object.values(exports).find((it) => it instanceof WebAssembly.Memory);
  return memory.buffer.byteLength / 1024;
}
