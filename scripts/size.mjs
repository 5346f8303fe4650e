// `npm run size`: what a visitor downloads, next to the same job done with other clients.
//
// Every line is one bundle made by esbuild in this run, minified, as an application would import
// it: sign up, confirm, sign in with MFA, verify, reset a password, sign out.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { ORDINARY_STD, build } from "./build.mjs";
import { Failure, main, root, say } from "./run.mjs";
import { nodeModules } from "./setup.mjs";

/** What the whole client may weigh, brotli -11, in bytes. */
export const BUDGET = 36_000;

const PEERS = {
  "aws-amplify (auth, 16 calls)": `export {
    signUp, confirmSignUp, resendSignUpCode, autoSignIn, signIn, confirmSignIn, signOut,
    resetPassword, confirmResetPassword, fetchAuthSession, fetchUserAttributes, getCurrentUser,
    sendUserAttributeVerificationCode, confirmUserAttribute, updateMFAPreference, fetchMFAPreference,
  } from "aws-amplify/auth";
  export { Amplify } from "aws-amplify";`,
  "amazon-cognito-identity-js": `export {
    AuthenticationDetails, CognitoUser, CognitoUserAttribute, CognitoUserPool,
  } from "amazon-cognito-identity-js";`,
};

main(import.meta, async () => {
  await build();
  const benches = join(root, "benches");
  await nodeModules(benches);
  const rows = await ours();
  for (const [name, source] of Object.entries(PEERS)) {
    rows.push([name, await bundle(source, benches)]);
  }
  console.log(`\n${"bytes".padEnd(44)} ${"raw".padStart(9)} ${"gzip -9".padStart(9)} ${"brotli -11".padStart(10)}`);
  for (const [name, sizes] of rows) {
    const columns = [sizes.raw, sizes.gzip].map((bytes) => String(bytes).padStart(9));
    console.log(`${name.padEnd(44)} ${columns.join(" ")} ${String(sizes.brotli).padStart(10)}`);
  }
  check(rows);
});

/** Fails when the client is over its budget, which is that of a build with the size-built std. */
export async function checkBudget() {
  const rows = await ours();
  for (const [name, { brotli }] of rows) {
    console.log(`${name}: ${brotli} of ${BUDGET} bytes, brotli -11`);
  }
  check(rows);
}

function check(rows) {
  const why = readFileSync(ORDINARY_STD, "utf8");
  if (why !== "") {
    say(`not held to the budget, as the standard library is the ordinary one: ${why}`);
    return;
  }
  for (const [name, { brotli }] of rows.filter(([name]) => name.startsWith("cognito-flow"))) {
    if (brotli > BUDGET) throw new Failure(`${name}: ${brotli} bytes are over the budget of ${BUDGET}`);
  }
}

async function ours() {
  const dist = (name) => readFileSync(join(root, "dist", name));
  const external = [dist("external.js"), dist("cognito_flow_bg.wasm")].map(measure);
  const sum = (key) => external.reduce((total, sizes) => total + sizes[key], 0);
  return [
    ["cognito-flow (in an application's bundle)", await bundle('export { createFlow } from "./dist/index.js";', root)],
    ["cognito-flow (index.js as it is)", measure(dist("index.js"))],
    ["cognito-flow/external (js + wasm)", { raw: sum("raw"), gzip: sum("gzip"), brotli: sum("brotli") }],
  ];
}

async function bundle(source, resolveDir) {
  const esbuild = await import("esbuild");
  const { outputFiles } = await esbuild.build({
    stdin: { contents: source, resolveDir },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    platform: "browser",
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    define: { global: "globalThis" },
    logLevel: "error",
  });
  return measure(Buffer.from(outputFiles[0].contents));
}

function measure(content) {
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: 11,
    [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
  };
  return {
    raw: content.length,
    gzip: gzipSync(content, { level: 9 }).length,
    brotli: brotliCompressSync(content, { params }).length,
  };
}
