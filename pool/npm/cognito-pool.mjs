#!/usr/bin/env node
// The program: `cognito-pool --help`.
import { ArgsError, HELP } from "./args.mjs";
import { startPool } from "./server.mjs";
import { version } from "./pool.mjs";

const line = process.argv.slice(2);
if (line.includes("--help") || line.includes("-h")) {
  process.stdout.write(HELP);
} else if (line.includes("--version") || line.includes("-V")) {
  process.stdout.write(`cognito-pool ${version}\n`);
} else {
  try {
    const pool = await startPool(line);
    process.stdout.write(`${pool.text}\nReady. Ctrl-C stops it.\n`);
    let told = false;
    for (const signal of ["SIGINT", "SIGTERM"]) {
      process.on(signal, () => {
        // Whoever asks twice does not want to wait.
        if (told) process.exit(130);
        told = true;
        pool.close().then(() => process.exit(0));
      });
    }
  } catch (error) {
    const wrong = error instanceof ArgsError;
    process.stderr.write(`${error.message}\n${wrong ? "Try --help.\n" : ""}`);
    process.exitCode = wrong ? 2 : 1;
  }
}
