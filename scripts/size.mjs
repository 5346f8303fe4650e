// `npm run size`: what a visitor downloads, next to the same job done with other clients.
//
// Each line is one application made in this run by each bundler as it is without any configuration:
// it signs up, confirms, signs in with MFA, verifies, resets a password, signs out. All that the
// bundler writes for a browser to load is counted, each file compressed by itself.
import { copyFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { ORDINARY_STD, build } from "./build.mjs";
import { filesBelow } from "./lib/files.mjs";
import { Failure, ask, main, root, say } from "./lib/run.mjs";
import { npmPackages, provide } from "./provision/needs.mjs";

/**
 * What the whole client may weigh, brotli -11, in bytes, by the worst of the bundlers: what it weighs
 * today. The first is to come down to 35,700, what it weighed before sessions were told apart.
 */
const BUDGETS = { "cognito-flow": 37_600, "cognito-flow/external": 39_500 };

const bundlersFolder = join(root, "tests/packaging");
const peersFolder = join(root, "benches");
const work = join(root, "build/size");
const WASM = "cognito_flow_bg.wasm";

/** What `checkBudget` needs besides what building does. */
export const forMeasuring = () => [npmPackages(bundlersFolder)];

const inBundlers = (file) => join(bundlersFolder, "node_modules", file);
/** Each as its own introduction calls it: for production, and nothing else said. */
const BUNDLERS = {
  Vite: () => [inBundlers("vite/bin/vite.js"), "build"],
  webpack: () => [inBundlers("webpack-cli/bin/cli.js"), "--mode=production", "--entry=./main.js"],
  esbuild: () => [
    join(root, "node_modules/esbuild/bin/esbuild"),
    ...["main.js", "--bundle", "--minify", "--format=esm", "--outdir=dist", "--log-level=error"],
    // It does not know Node's name for the global object, which some of the peers use.
    "--define:global=globalThis",
  ],
};

const OURS = {
  "cognito-flow": `import { createFlow } from "cognito-flow"; globalThis.app = { createFlow };`,
  "cognito-flow/external": `import { createFlow } from "cognito-flow/external"; globalThis.app = { createFlow };`,
};
const PEERS = {
  "aws-amplify (auth, 16 calls)": `
    import {
      signUp, confirmSignUp, resendSignUpCode, autoSignIn, signIn, confirmSignIn, signOut,
      resetPassword, confirmResetPassword, fetchAuthSession, fetchUserAttributes, getCurrentUser,
      sendUserAttributeVerificationCode, confirmUserAttribute, updateMFAPreference, fetchMFAPreference,
    } from "aws-amplify/auth";
    import { Amplify } from "aws-amplify";
    globalThis.app = {
      signUp, confirmSignUp, resendSignUpCode, autoSignIn, signIn, confirmSignIn, signOut,
      resetPassword, confirmResetPassword, fetchAuthSession, fetchUserAttributes, getCurrentUser,
      sendUserAttributeVerificationCode, confirmUserAttribute, updateMFAPreference, fetchMFAPreference,
      Amplify,
    };`,
  "amazon-cognito-identity-js": `
    import {
      AuthenticationDetails, CognitoUser, CognitoUserAttribute, CognitoUserPool,
    } from "amazon-cognito-identity-js";
    globalThis.app = { AuthenticationDetails, CognitoUser, CognitoUserAttribute, CognitoUserPool };`,
  "an application without any of them": `globalThis.app = {};`,
};

main(import.meta, async () => {
  await build();
  await provide([...forMeasuring(), npmPackages(peersFolder)]);
  const rows = measured({ ...OURS, ...PEERS });
  print(rows);
  check(rows);
});

/** Fails when the client is over its budgets, which are those of a build with the size-built std. */
export async function checkBudget() {
  const rows = measured(OURS);
  print(rows);
  check(rows);
}

function check(rows) {
  const why = readFileSync(ORDINARY_STD, "utf8");
  if (why !== "") {
    say(`not held to the budget, as the standard library is the ordinary one: ${why}`);
    return;
  }
  for (const { name, bundler, brotli } of rows) {
    const budget = BUDGETS[name] ?? Infinity;
    if (brotli <= budget) continue;
    throw new Failure(`${name} by ${bundler}: ${brotli} bytes are over the budget of ${budget}`);
  }
}

function measured(applications) {
  return Object.entries(applications).flatMap(([name, source]) =>
    Object.keys(BUNDLERS).map((bundler) => ({ name, bundler, ...sizes(bundler, source) })),
  );
}

function print(rows) {
  const line = (name, bundler, ...numbers) =>
    `${name.padEnd(34)} ${bundler.padEnd(8)} ${numbers.map((it) => String(it).padStart(10)).join(" ")}`;
  console.log(`\n${line("bytes", "", "raw", "gzip -9", "brotli -11")}`);
  for (const { name, bundler, raw, gzip, brotli } of rows) {
    console.log(line(name, bundler, raw, gzip, brotli));
  }
}

function sizes(bundler, source) {
  rmSync(work, { recursive: true, force: true });
  const files = {
    // Without a "type", and so with the bundler's own idea of what a .js file is.
    "package.json": "{}",
    "index.html": '<!doctype html><script type="module" src="/main.js"></script>',
    "main.js": source,
  };
  mkdirSync(work, { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(work, name), content);
  link("cognito-flow", root);
  for (const name of ["aws-amplify", "amazon-cognito-identity-js"]) {
    link(name, join(peersFolder, "node_modules", name));
  }
  const args = BUNDLERS[bundler]();
  const { ok, stdout, stderr } = ask(process.execPath, args, { cwd: work });
  if (!ok) throw new Failure(`${bundler}: ${stdout}\n${stderr}`);
  // It leaves files that a script refers to where they were: to be copied by whoever uses it.
  if (bundler === "esbuild" && source.includes("/external")) {
    copyFileSync(join(root, "dist", WASM), join(work, "dist", WASM));
  }
  const loaded = filesBelow(join(work, "dist")).filter((file) => /\.(js|wasm)$/.test(file));
  const all = loaded.map((file) => compressed(readFileSync(file)));
  const sum = (key) => all.reduce((total, it) => total + it[key], 0);
  return { raw: sum("raw"), gzip: sum("gzip"), brotli: sum("brotli") };
}

function link(name, folder) {
  const path = join(work, "node_modules", name);
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(folder, path, "dir");
}

function compressed(content) {
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
