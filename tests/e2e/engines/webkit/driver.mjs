// WebKitGTK's driver over plain W3C WebDriver: a display that nobody looks at, the driver, one session.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { freePort } from "../../../../scripts/lib/ports.mjs";

/** A driver that has lost its page answers no more. */
const PATIENCE_MS = 30_000;

/** Starts all three. `call` sends a command of the session, one at a time; `close` ends what was started. */
export async function startDriver({ driver, miniBrowser, xvfb }) {
  const display = spawn(xvfb, ["-displayfd", "3", "-screen", "0", "1600x1200x24", "-nolisten", "tcp"], {
    stdio: ["ignore", "ignore", "ignore", "pipe"],
  });
  const number = await new Promise((done, fail) => {
    display.stdio[3].once("data", done);
    display.once("error", fail);
    display.once("exit", (code) => fail(new Error(`${xvfb} ended with ${code}`)));
  });
  const port = await freePort();
  const server = spawn(driver, [`--port=${port}`, "--host=127.0.0.1"], {
    stdio: "ignore",
    // A group of its own, since the driver starts the browser.
    detached: true,
    env: {
      ...process.env,
      DISPLAY: `:${String(number).trim()}`,
      GDK_BACKEND: "x11",
      LC_ALL: "C.UTF-8",
      // Its sandbox needs rights that a container has not; the pages here are our own.
      WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1",
    },
  });
  const end = () => {
    if (isRunning(server)) process.kill(-server.pid, "SIGTERM");
    display.kill("SIGTERM");
  };
  // Also where the tests are ended from outside.
  process.once("exit", end);
  const close = async () => {
    process.off("exit", end);
    const exits = [display, server].filter(isRunning).map((child) => once(child, "exit"));
    end();
    await Promise.all(exits);
  };
  const base = `http://127.0.0.1:${port}/session`;
  try {
    await answering(`http://127.0.0.1:${port}/status`);
    const options = { binary: miniBrowser, args: ["--automation"] };
    const capabilities = { alwaysMatch: { "webkitgtk:browserOptions": options } };
    const { sessionId } = await command("POST", base, { capabilities });
    // A page that is left while it is asked never answers.
    await command("POST", `${base}/${sessionId}/timeouts`, { script: 10_000 });
    return {
      call: oneAtATime((method, path, body) => command(method, `${base}/${sessionId}${path}`, body)),
      async close() {
        await command("DELETE", `${base}/${sessionId}`).catch(() => {});
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function isRunning({ exitCode, signalCode }) {
  return exitCode === null && signalCode === null;
}

/** What the driver refused, by WebDriver's name for it. */
export class DriverError extends Error {
  constructor({ error, message }) {
    super(`${error}: ${message}`);
    this.error = error;
  }
}

async function command(method, url, body) {
  const response = await fetch(url, {
    method,
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  const { value } = await response.json();
  if (!response.ok) throw new DriverError(value);
  return value;
}

/**
 * `turn(window, action)` goes to the window and does there what must not be torn apart: which window is
 * meant is the session's, not the command's.
 */
function oneAtATime(send) {
  let last = Promise.resolve();
  let current;
  return function turn(window, action) {
    const done = last.then(async () => {
      if (window !== undefined && window !== current) {
        await send("POST", "/window", { handle: window });
        current = window;
      }
      return action(send, () => (current = undefined));
    });
    last = done.catch(() => {});
    return done;
  };
}

async function answering(url) {
  for (let tries = 0; tries < 200; tries += 1) {
    const isThere = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (isThere) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error("WebKitWebDriver did not answer");
}
