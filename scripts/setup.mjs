// `npm run setup`: installs what the project needs and is not there; what is there is left alone.
// `npm start` and `npm test` do the same for what they need themselves.
//
//   npm run setup              what building and serving need
//   npm run setup -- --tests   what all tests need besides
//   node scripts/setup.mjs --path   the folders of the tools that the tests use, for PATH
import { main, say } from "./lib/run.mjs";
import { cargoToolsPath, forBuilding, provide } from "./provision/needs.mjs";
import { STAGES } from "./test.mjs";

main(import.meta, async () => {
  if (process.argv.includes("--path")) {
    console.log(cargoToolsPath());
    return;
  }
  const tests = process.argv.includes("--tests") ? Object.values(STAGES) : [];
  await provide([...forBuilding(), ...tests.flatMap(({ needs }) => needs())]);
  say("ready: npm start, npm test");
});
