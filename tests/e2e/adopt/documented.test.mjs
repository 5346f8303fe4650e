// docs/migrating.md leaves nothing out: each call of theirs is there, and each code of ours.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import * as identity from "amazon-cognito-identity-js";
import * as amplify from "aws-amplify/auth";
import { root } from "../../../scripts/lib/run.mjs";

const page = readFileSync(join(root, "docs/migrating.md"), "utf8").replaceAll(/^```.*?^```$/gms, "");
const names = new Set([...page.matchAll(/`([^`]+)`/g)].map(([, code]) => code));

/** Plumbing of theirs, which no app calls. */
const WITHIN = [
  "authenticateUserDefaultAuth",
  "authenticateUserInternal",
  "authenticateUserPlainUsernamePassword",
  "cacheUserData",
  "cleanClientData",
  "clearCachedUserData",
  "constructor",
  "createGetUserRequest",
  "fetchUserData",
  "getDeviceResponse",
  "getUserDataFromCache",
  "isFetchUserDataAndTokenRequired",
];

test("every call of Amplify Auth has a row", () => {
  assert.deepEqual(Object.keys(amplify).filter((name) => !names.has(name)), []);
});

test("so has every call of identity-js", () => {
  const calls = [identity.CognitoUserPool, identity.CognitoUser].flatMap((type) =>
    Object.getOwnPropertyNames(type.prototype),
  );
  assert.ok(calls.length > 50);
  assert.deepEqual(calls.filter((name) => !names.has(name) && !WITHIN.includes(name)), []);
});

test("every code of an error is named", () => {
  const declarations = readFileSync(join(root, "js/index.d.ts"), "utf8");
  const [, union] = /export type FlowErrorCode =([^;]+);/.exec(declarations);
  const codes = [...union.matchAll(/"(\w+)"/g)].map(([, code]) => code);
  assert.ok(codes.length > 20);
  assert.deepEqual(codes.filter((code) => !names.has(code)), []);
});
