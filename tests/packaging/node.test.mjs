// The package in Node: imported on a server without side effects, and used for a sign-in.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { must, pack, scratchProject, temporaryFolder } from "./scratch.mjs";
import { startPool } from "./pool.mjs";

const temporary = temporaryFolder();
let project;
let pool;

before(async () => {
  project = scratchProject(join(temporary.folder, "project"), pack(temporary.folder));
  pool = await startPool();
});
after(async () => {
  temporary.remove();
  await pool?.stop();
});

for (const entry of ["cognito-flow", "cognito-flow/external", "cognito-flow/lean"]) {
  test(`importing ${entry} touches nothing of its surroundings`, () => {
    const script = `
      const names = ["WebAssembly", "fetch", "setTimeout", "setInterval", "crypto", "navigator",
        "window", "document", "localStorage", "sessionStorage", "performance", "queueMicrotask"];
      for (const name of names) {
        Object.defineProperty(globalThis, name, {
          configurable: true,
          get() { throw new Error("import read " + name); },
        });
      }
      const before = Object.getOwnPropertyNames(globalThis).join();
      const module = await import(${JSON.stringify(entry)});
      if (Object.getOwnPropertyNames(globalThis).join() !== before) throw new Error("a new global");
      process.stdout.write(Object.keys(module).sort().join());`;
    const out = must("node", ["--input-type=module", "--eval", script], project);
    assert.equal(out, "FlowError,createFlow");
  });
}

test("a sign-up and a sign-in by SRP in Node", async () => {
  const { journey } = await import(join(project, "src/journey.js"));
  const { settings, readCode } = pool;
  const steps = await journey({ ...settings, readCode, username: "in-node" });
  assert.deepEqual(steps, ["confirmSignUp", "signedIn", "signedOut"]);
});
