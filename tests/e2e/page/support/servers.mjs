// Servers that the page is pointed at.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root, run, targetDir } from "../../../../scripts/lib/run.mjs";
import { freePort } from "../../../../scripts/lib/ports.mjs";

/** Compiles the pool's server where that was not done yet, which takes a while. */
export function buildOurPool() {
  return run(
    "cargo",
    ["build", "--quiet", "--locked", "--package=cognito-pool", "--bin=cognito-pool"],
    {
      env: { ...process.env, CARGO_TARGET_DIR: targetDir },
    },
  );
}

/** Our pool over HTTP, without any user pool in it. */
export async function serveOurPool() {
  const port = await freePort();
  const args = ["--listen", `127.0.0.1:${port}`, "--log", "off"];
  return serve(join(targetDir, "debug/cognito-pool"), args, { cwd: root, port, path: "/health" });
}

/** ministack from requirements.txt, which has to be on the path. */
export async function serveMinistack() {
  const port = await freePort();
  const state = mkdtempSync(join(tmpdir(), "ministack-"));
  const server = await serve("ministack", [], {
    port,
    path: "/",
    env: {
      ...process.env,
      AUTH: "true",
      // Otherwise it listens beyond this machine.
      IOT_MTLS_ENABLED: "0",
      BIND_HOST: "127.0.0.1",
      GATEWAY_PORT: String(port),
      STATE_DIR: state,
    },
  });
  return {
    ...server,
    async stop() {
      await server.stop();
      rmSync(state, { recursive: true, force: true });
    },
  };
}

/** Starts a program and waits until it answers. `stop()` ends it. */
async function serve(program, args, { port, path, ...options }) {
  const child = spawn(program, args, { stdio: "ignore", ...options });
  let failure = null;
  const ended = new Promise((done) => {
    child.once("exit", done);
    child.once("error", (error) => done((failure = error)));
  });
  const endpoint = `http://127.0.0.1:${port}/`;
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
  };
  for (let tries = 0; tries < 240; tries += 1) {
    if (failure) throw failure;
    if (child.exitCode !== null) throw new Error(`${program} ended with ${child.exitCode}`);
    if (
      await fetch(new URL(path, endpoint)).then(
        () => true,
        () => false,
      )
    )
      return { endpoint, stop };
    await new Promise((done) => setTimeout(done, 250));
  }
  await stop();
  throw new Error(`${program} did not answer`);
}
