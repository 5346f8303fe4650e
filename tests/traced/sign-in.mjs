// Sign-ins in Node, on one module and with chosen secrets: the machine is given what it asks a browser
// for. And SRP once more, to know how long the secrets are that depend on others.
import { createHash } from "node:crypto";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { N, integer, number, power, sha256 } from "../../benches/pool.mjs";
import { root } from "../../scripts/lib/run.mjs";

const [OPEN, EVENT, ASK, REPLY, LOCKED] = [0, 1, 2, 3, 4];
const POOL_NAME = "Constant1";
const SALT = "67f865fb00e0caf4e80a4a3935407911";
const B = createHash("sha512").update("B").digest("hex").repeat(6);

const glue = import(pathToFileURL(join(root, "build/client/cognito_flow.js")));
const SETTINGS = { userPoolId: `eu-west-1_${POOL_NAME}`, clientId: "1h57kf5cpq17m0eml12EXAMPLE" };
const CHALLENGE = {
  ChallengeName: "PASSWORD_VERIFIER",
  ChallengeParameters: {
    SALT,
    SECRET_BLOCK: Buffer.alloc(1000, 7).toString("base64"),
    SRP_B: B,
    USER_ID_FOR_SRP: "alice",
  },
};

/**
 * Machines in one memory of their own: nothing that others left in it decides where anything lies.
 */
export async function openModule(module) {
  const { Machine, imports, start } = await glue;
  const instance = await WebAssembly.instantiate(module, imports());
  start({ instance });
  const openMachine = (options = {}) => {
    const machine = new Machine({ wake() {} }, { now: () => 1000 });
    let ticket = 0;
    const feed = (kind, number, text, status = 0, name = undefined) =>
      JSON.parse(machine.feed(kind, number, status, false, name, text));
    feed(OPEN, 0, JSON.stringify({ options: JSON.stringify({ ...SETTINGS, ...options }) }));
    return {
      event: (event) => feed(EVENT, ++ticket, JSON.stringify(event)),
      ask: (name, given) => feed(ASK, ++ticket, JSON.stringify(given), 0, name),
      reply: (id, body) => feed(REPLY, id, JSON.stringify(body), 200),
      locked: (id) => feed(LOCKED, id),
      /** Its timer belongs to this module. */
      close: () => machine.free(),
    };
  };
  return { exports: instance.exports, openMachine };
}

/** A machine alone, which signs in by SRP. */
export async function openProver(module) {
  const { exports, openMachine } = await openModule(module);
  const { event, reply, close } = openMachine();
  const sent = (said) => {
    const [, id, , operation, body] = said.find(([what]) => what === "send");
    return { id, operation, body: JSON.parse(body) };
  };
  return {
    exports,
    /** The first half; answers with what takes the second one. */
    begin(password) {
      const { id } = sent(event({ type: "signIn", username: "alice", password }));
      return { finish: () => sent(reply(id, CHALLENGE)) };
    },
    cancel: () => event({ type: "cancel" }),
    close,
  };
}

/** While the action runs, chance brings these bytes (until it is told others) and no time passes. */
export async function withChance(bytes, action) {
  let exponent = bytes;
  const { crypto, Date, Math } = globalThis;
  const [now, random, draw] = [Date.now, Math.random, crypto.getRandomValues];
  Date.now = () => 1_800_000_000_000;
  Math.random = () => 0.5;
  crypto.getRandomValues = (bytes) => {
    for (let at = 0; at < bytes.length; at += 1) bytes[at] = exponent[at % exponent.length];
    return bytes;
  };
  try {
    return await action((other) => void (exponent = other));
  } finally {
    [Date.now, Math.random] = [now, random];
    delete crypto.getRandomValues;
    if (crypto.getRandomValues !== draw) crypto.getRandomValues = draw;
  }
}

/**
 * What may show of the secrets by the protocol, which hashes numbers as short as they are: the first bytes
 * of the public key, of u and of the shared secret, as far as they decide how long these are.
 */
export function lengths(exponent, password) {
  const a = number(exponent);
  const A = power(2n, a);
  const u = number(sha256(integer(A), integer(number(Buffer.from(B, "hex")))));
  const x = number(sha256(integer(number(Buffer.from(SALT, "hex"))), sha256(`${POOL_NAME}alice:${password}`)));
  const k = number(sha256(integer(N), integer(2n)));
  const base = (number(Buffer.from(B, "hex")) + N * k - k * power(2n, x)) % N;
  const S = power(base < 0n ? base + N : base, a + u * x);
  return [A.toString(16).length, ...[A, u, S].map((it) => integer(it).length)].join();
}
