// What each part of the client costs: how many bytes of the module's code come from its source files, by
// the line tables of a build that keeps them (tools/lines). Compressed, a byte of code is taken for what
// it is on average, so a part's kilobytes are a reckoning; the whole is measured.
import { join } from "node:path";
import { ask, Failure, root, run, targetDir } from "./run.mjs";

/** What one more of its kind may cost, in bytes as downloaded; a call with what all calls share. */
const BUDGETS = { step: 1_000, call: 300 };

/** Parts by their source files, in `src/`. Each file belongs to the first that names it. */
const STEPS = {
  confirmSignUp: ["flow/steps/confirm_sign_up"],
  customChallenge: ["flow/challenge/custom"],
  "mfaCode, signInCode": ["flow/challenge/code"],
  newPassword: ["flow/challenge/new_password"],
  passkey: ["flow/challenge/passkey"],
  password: ["flow/challenge/password"],
  resetPassword: ["flow/steps/reset_password"],
  selectFactor: ["flow/challenge/select_factor"],
  "setUpTotp, setUpEmail": ["flow/challenge/enrol"],
  signedOut: ["flow/steps/signed_out"],
  verifyAttribute: ["flow/steps/verify_attribute"],
};
const CALLS = ["ask", "flow/authorized", "flow/session/user", "flow/session/passkeys", "flow/session/listed", "flow/totp"];
const PARTS = {
  "SRP: arithmetic, hashes, proofs": ["srp", "flow/prove"],
  "devices that the pool tracks": ["flow/session/device"],
  "tokens: kept, refreshed, ended": ["flow/session", "flow/record"],
  "passkeys: the prompt, the offer": ["flow/prompt", "flow/offer"],
  "choice of factors": ["flow/choice", "flow/ways"],
  "redirect, but for its file": ["flow/redirect"],
  "the wire: requests, replies, JSON": ["protocol", "json", "fields", "text", "secret"],
  "the machine, and its door to JavaScript": [""],
};

/**
 * Prints the table and holds it to the budgets. `compile` makes the module with its line tables and
 * answers its path; `share` is what a byte of code becomes when it is downloaded.
 */
export async function checkCosts(compile, share, calls) {
  const env = { ...process.env, CARGO_TARGET_DIR: targetDir };
  await run("cargo", ["build", "--quiet", "--locked", "--package=lines"], { env });
  const source = join(root, "src/");
  const { ok, stdout, stderr } = ask(join(targetDir, "debug/lines"), [await compile(), source]);
  if (!ok) throw new Failure(`lines: ${stderr}`);

  const files = new Map();
  for (const line of stdout.trim().split("\n")) {
    const [, bytes, file] = /^(\d+) (.*)$/.exec(line);
    // The rest is what the build or wasm-opt takes out again, and little else.
    if (file.startsWith(source)) files.set(file.slice(source.length), Number(bytes));
  }
  const take = (names) => {
    let sum = 0;
    for (const [file, bytes] of files) {
      if (!names.some((name) => file.startsWith(`${name}.`) || file.startsWith(`${name}/`) || name === "")) continue;
      sum += bytes;
      files.delete(file);
    }
    if (sum === 0) throw new Failure(`no code comes from ${names.join(", ")}`);
    return sum;
  };
  const print = (name, raw) => {
    const brotli = Math.round(raw * share);
    console.log(`${name.padEnd(54)} ${String(raw).padStart(10)} ${"".padStart(10)} ${`~${brotli}`.padStart(10)}`);
    return brotli;
  };
  const hold = (kind, name, brotli) => {
    if (brotli > BUDGETS[kind]) throw new Failure(`${name}: some ${brotli} bytes are over a ${kind}'s budget of ${BUDGETS[kind]}`);
  };

  console.log("\nof which, by the sources' lines:");
  for (const [name, names] of Object.entries(STEPS)) {
    const count = name.split(", ").length;
    hold("step", name, print(count === 1 ? `step ${name}` : `steps ${name}`, take(names)) / count);
  }
  const all = take(CALLS);
  print(`${calls} calls of the account`, all);
  hold("call", "a call of the account", print("  each of them", Math.round(all / calls)));
  for (const [name, names] of Object.entries(PARTS)) print(name, take(names));
}
