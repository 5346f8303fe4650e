// What a crash leaves of a user pool, and what odd requests and idle connections do to it: the second
// table of `npm run bench:pool`.
import { mkdtempSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { headersOf } from "../scripts/lib/aws.mjs";

const AT_ONCE = 8;
const PASSWORD = "Correct-Horse-7";
/** Sign-ups that are answered before a server is ended. */
const ANSWERED = 200;
/** How often it is ended by each signal. */
const TIMES = 5;
const IDLE = 512;
/** Whoever is not answered in this time hangs, in milliseconds. */
const LONGEST = 10_000;
const FLOWS = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"];

/** A row of the table. `start(folder)` starts a server that keeps what it keeps in that folder. */
export async function toughness(start, others) {
  const left = async (signal) => {
    const sum = { left: 0, answered: 0 };
    for (let time = 0; time < TIMES; time += 1) {
      const folder = mkdtempSync(join(tmpdir(), "kept-"));
      try {
        const counts = await leftAfter(signal, start, folder, others);
        for (const name of Object.keys(sum)) sum[name] += counts[name];
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    }
    return `${sum.left} of ${sum.answered}`;
  };
  const row = { "users left after kill -9": await left("SIGKILL"), "after SIGTERM": await left("SIGTERM") };
  const server = await start();
  try {
    const waited = await besideIdle(server);
    const { requests, faults, unanswered, goesOn } = await mutated(server, others);
    return {
      ...row,
      [`answer beside ${IDLE} idle connections, ms`]: waited === Infinity ? "none" : Math.round(waited),
      "mutated requests": requests,
      "answered 5xx": faults,
      "not answered": unanswered,
      "signs in after them": goesOn ? "yes" : "no",
    };
  } finally {
    await server.stop();
  }
}

/**
 * How many of the users whose sign-up was answered are there after the server was ended by `signal`,
 * in the middle of more, and started again. `start(folder)` starts it with what it kept there.
 */
async function leftAfter(signal, start, folder, others) {
  const names = [];
  let server = await start(folder);
  let pool;
  try {
    pool = await others.createPool(server, {}, { ExplicitAuthFlows: FLOWS });
    let ended = null;
    let next = 0;
    const until = performance.now() + 60_000;
    const client = async () => {
      while (ended === null && performance.now() < until) {
        const name = `user${(next += 1)}`;
        const UserAttributes = [{ Name: "email", Value: `${name}@example.com` }];
        const reply = await call(server.endpoint, "SignUp", {
          ClientId: pool.clientId,
          Username: name,
          Password: PASSWORD,
          UserAttributes,
        });
        if (reply.status !== 200) continue;
        names.push(name);
        if (names.length >= ANSWERED) ended ??= server.end(signal);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, client));
    await ended;
  } finally {
    await server.end("SIGKILL");
  }
  // One that does not start again has kept nothing.
  server = await start(folder).catch(() => null);
  if (server === null) return { left: 0, answered: names.length };
  try {
    const here = async (name) =>
      (await call(server.endpoint, "AdminGetUser", { UserPoolId: pool.userPoolId, Username: name })).status === 200;
    let left = 0;
    for (const name of names) left += (await here(name)) ? 1 : 0;
    return { left, answered: names.length };
  } finally {
    await server.stop();
  }
}

/** Requests with one thing wrong, one after the other, each on a connection of its own. */
async function mutated(server, others) {
  const { userPoolId, clientId } = await others.createPool(server, {}, { ExplicitAuthFlows: FLOWS });
  const counts = { requests: 0, faults: 0, unanswered: 0 };
  const ask = async (...how) => {
    const { status } = await call(server.endpoint, ...how);
    counts.requests += 1;
    if (status === null) counts.unanswered += 1;
    // 501 says that an operation is not built.
    else if (status >= 500 && status !== 501) counts.faults += 1;
  };
  for (const [operation, input] of inputs(userPoolId, clientId)) {
    await ask(operation, input);
    for (const changed of changes(input)) await ask(operation, changed);
  }
  for (const [operation, body] of BODIES) await ask(operation, body);
  // Whatever was taken, another user's sign-in goes on.
  const goesOn = await signsIn(server, others);
  return { ...counts, goesOn };
}

async function signsIn(server, others) {
  const { userPoolId, clientId } = await others.createPool(server, {}, { ExplicitAuthFlows: FLOWS });
  const steps = [
    ["SignUp", { ClientId: clientId, Username: "later", Password: PASSWORD }],
    ["AdminConfirmSignUp", { UserPoolId: userPoolId, Username: "later" }],
    ["InitiateAuth", { ClientId: clientId, AuthFlow: "USER_PASSWORD_AUTH", AuthParameters: { USERNAME: "later", PASSWORD } }],
  ];
  for (const [operation, input] of steps) {
    if ((await call(server.endpoint, operation, input)).status !== 200) return false;
  }
  return true;
}

/** Right requests, of the kinds that apps and tests send most. */
function inputs(pool, client) {
  const user = { UserPoolId: pool, Username: "alice" };
  const attributes = [{ Name: "email", Value: "alice@example.com" }];
  const challenge = { ClientId: client, Session: "s".repeat(64) };
  return [
    ["CreateUserPool", {
      PoolName: "another", AutoVerifiedAttributes: ["email"], MfaConfiguration: "OFF",
      Policies: { PasswordPolicy: { MinimumLength: 8, RequireNumbers: true } },
      Schema: [{ Name: "plan", AttributeDataType: "String", StringAttributeConstraints: { MaxLength: "9" } }],
    }],
    ["CreateUserPoolClient", { UserPoolId: pool, ClientName: "another", RefreshTokenValidity: 1, ExplicitAuthFlows: FLOWS }],
    ["DescribeUserPool", { UserPoolId: pool }],
    ["ListUserPools", { MaxResults: 10 }],
    ["AdminCreateUser", { ...user, TemporaryPassword: PASSWORD, MessageAction: "SUPPRESS", UserAttributes: attributes }],
    ["AdminSetUserPassword", { ...user, Password: PASSWORD, Permanent: true }],
    ["AdminUpdateUserAttributes", { ...user, UserAttributes: attributes }],
    ["AdminGetUser", user],
    ["ListUsers", { UserPoolId: pool, Filter: 'email ^= "a"', Limit: 5, AttributesToGet: ["email"] }],
    ["CreateGroup", { UserPoolId: pool, GroupName: "readers", Precedence: 3, Description: "may read" }],
    ["AdminAddUserToGroup", { ...user, GroupName: "readers" }],
    ["SignUp", { ClientId: client, Username: "bob", Password: PASSWORD, UserAttributes: attributes, ClientMetadata: { a: "b" } }],
    ["ConfirmSignUp", { ClientId: client, Username: "bob", ConfirmationCode: "123456" }],
    ["ForgotPassword", { ClientId: client, Username: "alice" }],
    ["ConfirmForgotPassword", { ClientId: client, Username: "alice", ConfirmationCode: "123456", Password: PASSWORD }],
    ["InitiateAuth", { ClientId: client, AuthFlow: "USER_PASSWORD_AUTH", AuthParameters: { USERNAME: "alice", PASSWORD } }],
    ["InitiateAuth", { ClientId: client, AuthFlow: "USER_SRP_AUTH", AuthParameters: { USERNAME: "alice", SRP_A: "ab".repeat(384) } }],
    ["InitiateAuth", { ClientId: client, AuthFlow: "REFRESH_TOKEN_AUTH", AuthParameters: { REFRESH_TOKEN: "x".repeat(900) } }],
    ["RespondToAuthChallenge", {
      ...challenge, ChallengeName: "PASSWORD_VERIFIER",
      ChallengeResponses: {
        USERNAME: "alice", PASSWORD_CLAIM_SECRET_BLOCK: "eA==", PASSWORD_CLAIM_SIGNATURE: "eA==",
        TIMESTAMP: "Mon Jan 5 10:00:00 UTC 2026",
      },
    }],
    ["RespondToAuthChallenge", { ...challenge, ChallengeName: "SMS_MFA", ChallengeResponses: { USERNAME: "alice", SMS_MFA_CODE: "123456" } }],
    ["GetUser", { AccessToken: "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln" }],
    ["ChangePassword", { AccessToken: "a.b.c", PreviousPassword: PASSWORD, ProposedPassword: `${PASSWORD}!` }],
    ["RevokeToken", { ClientId: client, Token: "x".repeat(900) }],
    ["SetUserPoolMfaConfig", { UserPoolId: pool, SoftwareTokenMfaConfiguration: { Enabled: true }, MfaConfiguration: "OPTIONAL" }],
  ];
}

const INSTEAD = [undefined, null, true, 0, -1, 1e300, "", " ", "\u0000\n", "ü".repeat(3000), "x".repeat(200_000), [], {}, [[]], { a: { b: [] } }];

/** An input with one member, at any depth, left out or another. */
function* changes(input) {
  for (const path of paths(input)) {
    for (const value of INSTEAD) {
      const changed = structuredClone(input);
      const owner = path.slice(0, -1).reduce((at, name) => at[name], changed);
      if (value === undefined && Array.isArray(owner)) owner.splice(path.at(-1), 1);
      else if (value === undefined) delete owner[path.at(-1)];
      else owner[path.at(-1)] = value;
      yield changed;
    }
  }
}

function paths(value, before = []) {
  if (typeof value !== "object" || value === null) return [];
  return Object.keys(value).flatMap((name) => {
    const path = [...before, name];
    return [path, ...paths(value[name], path)];
  });
}

/** What is no input at all. */
const BODIES = [
  ["ListUserPools", ""],
  ["ListUserPools", "{"],
  ["ListUserPools", "[]"],
  ["ListUserPools", "null"],
  ["ListUserPools", "7"],
  ["ListUserPools", '{"MaxResults":1}{"MaxResults":1}'],
  ["ListUserPools", `${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`],
  ["ListUserPools", "[".repeat(100_000)],
  ["ListUserPools", Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
  ["ListUserPools", `{"MaxResults":1,"x":"${"y".repeat(3_000_000)}"}`],
  ["NoSuchOperation", "{}"],
  ["__proto__", "{}"],
  ["", "{}"],
];

/** How long a newcomer waits for an answer while so many connections say nothing, or half a request. */
async function besideIdle(server) {
  const waits = [];
  for (const words of ["", "POST / HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-le"]) {
    const { hostname, port } = new URL(server.endpoint);
    const idle = Array.from({ length: IDLE }, () => {
      const socket = connect(Number(port), hostname, () => socket.write(words));
      return socket.on("error", () => {});
    });
    await new Promise((done) => setTimeout(done, 500));
    const began = performance.now();
    const { status } = await call(server.endpoint, "ListUserPools", { MaxResults: 1 });
    waits.push(status === null ? Infinity : performance.now() - began);
    for (const socket of idle) socket.destroy();
    await new Promise((done) => setTimeout(done, 200));
  }
  return Math.max(...waits);
}

/** The status of the reply; `null` where there was none. */
function call(endpoint, operation, input) {
  const body = typeof input === "string" || Buffer.isBuffer(input) ? input : JSON.stringify(input);
  const headers = { ...headersOf(operation), "content-length": Buffer.byteLength(body) };
  return new Promise((done) => {
    const agent = new Agent({ keepAlive: false });
    const sent = request(endpoint, { method: "POST", agent, headers, timeout: LONGEST }, (reply) => {
      reply.resume();
      reply.on("end", () => done({ status: reply.statusCode }));
      reply.on("error", () => done({ status: null }));
    });
    sent.on("timeout", () => sent.destroy(new Error("no answer")));
    sent.on("error", () => done({ status: null }));
    sent.end(body);
  });
}
