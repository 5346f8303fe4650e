// `npm run growth`: what one thing costs as there is more of it. Work is counted on a module with notes
// (tests/traced/growth.mjs), times are of the module as it is built.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "../scripts/build.mjs";
import { main, root } from "../scripts/lib/run.mjs";

const WHAT = [
  ["signIns", "the nth sign-in in one flow", [10, 100, 1_000, 10_000]],
  ["flows", "a sign-in in the nth flow of a page", [10, 100, 1_000]],
  ["closed", "a sign-in after n flows that were closed", [10, 100, 1_000]],
  ["signInWithAttributes", "a sign-in of a user with n attributes", [2, 50, 500, 20_000]],
  ["updateAttributes", "n attributes set at once", [2, 50, 500, 20_000]],
  ["deleteAttributes", "n attributes removed at once", [2, 50, 500, 20_000]],
  ["signInWithTokens", "a sign-in with tokens of n characters", [1_000, 4_000, 16_000]],
  ["callers", "n callers of session({ refresh: true }) at once", [1, 10, 100]],
];

main(import.meta, async () => {
  await build({ pool: false });
  const [{ openMeasure }, { instrumented }, { withChance }] = await Promise.all(
    ["growth", "instrumented", "sign-in"].map((name) => import(`../tests/traced/${name}.mjs`)),
  );
  const wasm = readFileSync(join(root, "build/client/cognito_flow_bg.wasm"));
  const [plain, noted] = await Promise.all([wasm, instrumented(wasm)].map((bytes) => WebAssembly.compile(bytes)));
  const measured = (module, what, of) =>
    withChance(Buffer.alloc(96, 7), async () => (await openMeasure(module))[what](of));
  console.log("| what | n | work, thousands of branches and addresses | time, ms | memory, kB | calls |");
  console.log("|---|--:|--:|--:|--:|--:|");
  for (const [name, what, of] of WHAT) {
    const works = await measured(noted, name, of);
    const times = await measured(plain, name, of);
    works.forEach(({ work, calls }, at) => {
      const { ms, kilobytes } = times[at];
      console.log(
        `| ${what} | ${of[at]} | ${(work / 1000).toFixed(1)} | ${ms.toFixed(2)} | ${kilobytes} | ${calls} |`,
      );
    });
  }
});
