// `npm run size` (`-- --elements`: the forms to drop in alone): what a visitor downloads, next to the
// same job done with other clients.
//
// Each line is one application made in this run by each bundler as it is without any configuration:
// it signs up, confirms, signs in with MFA, verifies, resets a password, signs out. All that the
// bundler writes for a browser to load is counted, each file compressed by itself: the first load, which
// is there before anything rare is used, and everything.
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { ORDINARY_STD, build, compileWithLines } from "./build.mjs";
import { checkCosts } from "./lib/cost.mjs";
import { filesBelow } from "./lib/files.mjs";
import { Failure, ask, main, root, say } from "./lib/run.mjs";
import { npmPackages, provide } from "./provision/needs.mjs";

/**
 * What the client may weigh, brotli -11, in bytes, by the worst of the bundlers: what it weighs today.
 * The first load, which is 33,500 at most with lean.js, is to be that without it, and everything 38,000.
 */
const BUDGETS = {
  "cognito-flow": { first: 52_000, everything: 53_300 },
  "cognito-flow/external": { first: 55_400, everything: 56_600 },
  // By those that write more than one file, which esbuild does not unless it is told to.
  "cognito-flow/lean": { first: 31_000, everything: 57_800 },
};
const IN_ONE_FILE = { bundler: "esbuild", name: "cognito-flow/lean", what: "first" };

/**
 * What the element may weigh besides the client, brotli -11, in bytes, each with one language: what is there
 * for the first form, for a whole sign-in, and in all. (All is more than anybody loads: forms and parts of
 * the account come when they are opened.)
 */
const ELEMENT_BUDGETS = { "first form": 17_000, "whole sign-in": 24_900, everything: 36_500 };

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
  "cognito-flow/lean": `import { createFlow } from "cognito-flow/lean"; globalThis.app = { createFlow };`,
};
/** What Amplify has for the job of cognito-flow 0.1, and what it has besides for all that is done now. */
const AMPLIFY_16 = [
  ...["signUp", "confirmSignUp", "resendSignUpCode", "autoSignIn", "signIn", "confirmSignIn", "signOut"],
  ...["resetPassword", "confirmResetPassword", "fetchAuthSession", "fetchUserAttributes", "getCurrentUser"],
  ...["sendUserAttributeVerificationCode", "confirmUserAttribute"],
  ...["updateMFAPreference", "fetchMFAPreference"],
];
const AMPLIFY_ALL = [
  ...AMPLIFY_16,
  ...["updateUserAttributes", "deleteUserAttributes", "updatePassword", "deleteUser"],
  ...["setUpTOTP", "verifyTOTPSetup", "fetchDevices", "rememberDevice", "forgetDevice", "signInWithRedirect"],
  ...["associateWebAuthnCredential", "listWebAuthnCredentials", "deleteWebAuthnCredential"],
];
/** `more` is imported for what it does when it is loaded. */
const amplify = (calls, more = "") => `
    import { ${calls.join(", ")} } from "aws-amplify/auth";
    import { Amplify } from "aws-amplify";
    ${more}
    globalThis.app = { ${calls.join(", ")}, Amplify };`;

/** What an application finds in its node_modules. */
const LINKED = [
  ...["aws-amplify", "amazon-cognito-identity-js", "@aws-amplify/ui-react", "react", "react-dom"],
  "@teamhanko/hanko-elements",
];

const PEERS = {
  "aws-amplify (auth, 16 calls)": amplify(AMPLIFY_16),
  // The listener is what takes the return of a redirect.
  [`aws-amplify (auth, ${AMPLIFY_ALL.length} calls)`]: amplify(
    AMPLIFY_ALL,
    `import "aws-amplify/auth/enable-oauth-listener";`,
  ),
  "amazon-cognito-identity-js": `
    import {
      AuthenticationDetails, CognitoUser, CognitoUserAttribute, CognitoUserPool,
    } from "amazon-cognito-identity-js";
    globalThis.app = { AuthenticationDetails, CognitoUser, CognitoUserAttribute, CognitoUserPool };`,
  "an application without any of them": `globalThis.app = {};`,
};

/** Forms to drop in, each with what it needs to be shown: the client, the framework, the styles. */
const ELEMENTS = {
  "cognito-flow/ui": `
    import { mountSignIn } from "cognito-flow/ui";
    import { createFlow } from "cognito-flow/lean";
    globalThis.app = { mountSignIn, createFlow };`,
  "@aws-amplify/ui-react, React": `
    import { createElement } from "react";
    import { createRoot } from "react-dom/client";
    import { Amplify } from "aws-amplify";
    import { Authenticator } from "@aws-amplify/ui-react";
    globalThis.app = { Amplify, Authenticator, createElement, createRoot };`,
  "@teamhanko/hanko-elements": `import { register } from "@teamhanko/hanko-elements"; globalThis.app = { register };`,
};
/** Styles that are a file of their own. Not every bundler takes them without being told how. */
const STYLES = { "@aws-amplify/ui-react, React": "@aws-amplify/ui-react/dist/styles.css" };

main(import.meta, async () => {
  await build();
  await provide([...forMeasuring(), npmPackages(peersFolder)]);
  const elements = () => {
    console.log("\nForms to drop in, with what they need (styles too), in one language:");
    print(measured(ELEMENTS));
  };
  if (process.argv.includes("--elements")) return elements();
  const rows = measured({ ...OURS, ...PEERS });
  print(rows);
  check(rows);
  elements();
  checkElement();
  await checkCosts(compileWithLines, shareOfCode(rows), accountCalls());
});

/** What a byte of the module becomes in the first load. */
function shareOfCode(rows) {
  const { first } = rows.find(({ name, bundler }) => name === "cognito-flow" && bundler === "Vite");
  const script = readFileSync(join(root, "dist/external.js"));
  const wasm = readFileSync(join(root, "dist", WASM));
  return (first.brotli - compressed(script).brotli) / wasm.length;
}

/** How many calls `flow.account` has: what `js/index.js` lists. */
function accountCalls() {
  const [, list] = /^const OF_ACCOUNT = \{$(.*?)^\};$/ms.exec(readFileSync(join(root, "js/index.js"), "utf8"));
  return list.match(/^ {2}\w+: /gm).length;
}

/** Fails when the client is over its budgets, which are those of a build with the size-built std. */
export async function checkBudget() {
  const rows = measured(OURS);
  print(rows);
  check(rows);
  checkElement();
}

/** The files of `dist/ui` as they are, each compressed by itself. */
function checkElement() {
  const all = filesBelow(join(root, "dist/ui")).filter((file) => file.endsWith(".js"));
  const named = (name) => all.filter((file) => file.includes(`/ui/${name}`));
  const first = withImported([...named("index.js"), ...all.filter(isEnglish)]);
  const signIn = withImported([...first, ...named("later-")]);
  const rest = all.filter((file) => !isLanguage(file) && !file.endsWith("server.js"));
  const everything = [...new Set([...signIn, ...rest])];
  const weighed = { "first form": first, "whole sign-in": signIn, everything };
  for (const [what, files] of Object.entries(weighed)) {
    const { raw, gzip, brotli } = sum(new Map(files.map((file) => [file, compressed(readFileSync(file))])), files);
    console.log(`${"cognito-flow/ui, without the client".padEnd(43)} ${what.padEnd(14)} ${[raw, gzip, brotli].map((it) => String(it).padStart(8)).join(" ")}`);
    if (brotli <= ELEMENT_BUDGETS[what]) continue;
    throw new Failure(`cognito-flow/ui, ${what}: ${brotli} bytes are over the budget of ${ELEMENT_BUDGETS[what]}`);
  }
}

/** These files with all that they import statically. */
function withImported(files) {
  const loaded = new Set();
  const pending = [...files];
  for (const file of pending) {
    if (loaded.has(file)) continue;
    loaded.add(file);
    pending.push(...imported(file));
  }
  return [...loaded];
}

function check(rows) {
  const why = readFileSync(ORDINARY_STD, "utf8");
  if (why !== "") {
    say(`not held to the budget, as the standard library is the ordinary one: ${why}`);
    return;
  }
  for (const { name, bundler, ...sizes } of rows) {
    for (const [what, budget] of Object.entries(BUDGETS[name] ?? {})) {
      const { brotli } = sizes[what];
      const isWhole = Object.entries({ bundler, name, what }).every(([key, value]) => IN_ONE_FILE[key] === value);
      if (brotli <= budget || isWhole) continue;
      throw new Failure(`${name} by ${bundler}, ${what}: ${brotli} bytes are over the budget of ${budget}`);
    }
  }
}

function measured(applications) {
  return Object.entries(applications).flatMap(([name, source]) =>
    Object.keys(BUNDLERS).map((bundler) => ({ name, bundler, ...sizes(bundler, source, STYLES[name]) })),
  );
}

function print(rows) {
  const line = (name, bundler, what, ...numbers) =>
    `${name.padEnd(34)} ${bundler.padEnd(8)} ${what.padEnd(10)} ${numbers.map((it) => String(it).padStart(10)).join(" ")}`;
  console.log(`\n${line("bytes", "", "", "raw", "gzip -9", "brotli -11")}`);
  for (const { name, bundler, first, everything } of rows) {
    console.log(line(name, bundler, "first load", first.raw, first.gzip, first.brotli));
    console.log(line(name, bundler, "everything", everything.raw, everything.gzip, everything.brotli));
  }
}

function sizes(bundler, source, styles) {
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
  for (const name of LINKED) link(name, join(peersFolder, "node_modules", name));
  const args = BUNDLERS[bundler]();
  const { ok, stdout, stderr } = ask(process.execPath, args, { cwd: work });
  if (!ok) throw new Failure(`${bundler}: ${stdout}\n${stderr}`);
  // It leaves files that a script refers to where they were: to be copied by whoever uses it.
  if (bundler === "esbuild" && source.includes("/external")) {
    copyFileSync(join(root, "dist", WASM), join(work, "dist", WASM));
  }
  const written = filesBelow(join(work, "dist")).filter((file) => /\.(js|wasm)$/.test(file) && !isAnotherLanguage(file));
  const always = styles === undefined ? [] : [join(peersFolder, "node_modules", styles)];
  const all = [...written, ...always];
  const everything = new Map(all.map((file) => [file, compressed(readFileSync(file))]));
  return { first: sum(everything, [...firstLoad(written), ...always]), everything: sum(everything, all) };
}

/** The element's texts in a language that a visitor does not have: it loads one. */
function isAnotherLanguage(file) {
  return isLanguage(file) && !isEnglish(file);
}

function isLanguage(file) {
  return file.endsWith(".js") && /"signIn\.title":/.test(readFileSync(file, "utf8"));
}

function isEnglish(file) {
  return isLanguage(file) && readFileSync(file, "utf8").includes("Forgot your password?");
}

function sum(sizes, files) {
  const total = { raw: 0, gzip: 0, brotli: 0 };
  for (const file of files) {
    for (const key of Object.keys(total)) total[key] += sizes.get(file)[key];
  }
  return total;
}

/** The entry with all that it imports statically, and what is fetched at once: the module, the element's texts. */
function firstLoad(written) {
  const atOnce = written.filter((file) => file.endsWith(".wasm") || isEnglish(file));
  return withImported([entry(), ...atOnce]);
}

/** Vite gives it a name of its own, which its page tells. */
function entry() {
  const page = join(work, "dist/index.html");
  if (!existsSync(page)) return join(work, "dist/main.js");
  const [, path] = /<script type="module"[^>]* src="\/([^"]+)"/.exec(readFileSync(page, "utf8"));
  return join(work, "dist", path);
}

/** The files that a minified module names in its static imports: `import"./a.js"`, `from"./a.js"`. */
function imported(file) {
  if (!file.endsWith(".js")) return [];
  const names = readFileSync(file, "utf8").matchAll(/\b(?:import|from)\s*["'](\.[^"']*\.js)["']/g);
  return [...names].map(([, name]) => join(dirname(file), name)).filter((path) => existsSync(path));
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
