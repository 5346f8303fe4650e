// The steps of a flow over time. Of a snapshot those members are noted that hold no person's data; the secret
// of an authenticator app stands in one, too.
import { log } from "./log.js";

const EXCEPTION = /^[A-Z][A-Za-z]{1,60}$/;
const TIMES = ["expiresAt", "codeExpiresAt", "resendAt", "tokensExpireAt"];

export function notesOfSteps() {
  const steps = log();
  let flow = null;
  let end = () => {};

  const note = () => {
    const snapshot = flow.snapshot();
    const { step, round, busy, error } = snapshot;
    const server = EXCEPTION.test(error?.server) ? error.server : null;
    steps.add({ at: Date.now(), step, round, busy, error: error?.code ?? null, server, times: timesOf(snapshot) });
  };
  return {
    ...steps,
    /** Follows this flow, and no other; null ends it. */
    watch(other) {
      if (other === flow) return;
      end();
      end = () => {};
      flow = other;
      if (flow === null) return;
      end = flow.subscribe(note);
      note();
    },
  };
}

function timesOf(snapshot) {
  const all = [...TIMES.map((name) => [name, snapshot[name]]), ["retryAt", snapshot.error?.retryAt]];
  return all.filter(([, time]) => typeof time === "number");
}
