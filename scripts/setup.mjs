// Installs what the project needs and is not there. Safe to run again: what is there is left alone.
//
//   node scripts/setup.mjs          what building and serving need
//   node scripts/setup.mjs --tests  what the tests need besides
import { main, say } from "./run.mjs";
import { wasmToolchain } from "./toolchain.mjs";

main(import.meta, async () => {
  await wasmToolchain();
  say("ready");
});
