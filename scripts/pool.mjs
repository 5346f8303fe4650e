// `npm run pool`: the local pool's server; what stands behind `--` goes to it.
import { main, run } from "./lib/run.mjs";
import { provide } from "./provision/needs.mjs";
import { rust } from "./provision/rust.mjs";

main(import.meta, async () => {
  await provide([rust]);
  const args = ["run", "--release", "--package=cognito-pool", "--", ...process.argv.slice(2)];
  await run("cargo", args);
});
