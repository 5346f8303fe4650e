// In the page: the server's cookie holds the token that the flow has.

/** Sends each new access token to `path`, and has it forgotten there; returns how to stop that. */
export function keepCookie(flow, path = "/session") {
  let isOver = false;
  let isKept = false;
  let sent = null;
  let timer;
  // One after another: what is asked last is what stays.
  let last = Promise.resolve();

  const look = () => {
    const { step, tokensExpireAt } = flow.snapshot();
    const now = step === "signedIn" ? tokensExpireAt : 0;
    if (now === sent) return;
    sent = now;
    last = last.then(now === 0 ? forget : keep).catch(later);
  };
  const keep = async () => {
    const { accessToken, expiresAt } = await flow.session();
    await ask("POST", { authorization: `Bearer ${accessToken}` });
    isKept = true;
    // A new token comes before this one ends. A page that slept is late, and asks at once.
    wake(() => flow.session({ refresh: true }).catch(later), expiresAt - 120_000 - Date.now());
  };
  // A tab in which nobody was signed in leaves the cookie of another alone.
  const forget = async () => {
    if (isKept) await ask("DELETE", {});
    isKept = false;
  };
  const ask = async (method, headers) => {
    const { status } = await fetch(path, { method, headers });
    if (status >= 500) throw new Error(`${path}: ${status}`);
  };
  const later = () =>
    wake(() => {
      sent = null;
      look();
    }, 5_000);
  const wake = (run, milliseconds) => {
    clearTimeout(timer);
    if (!isOver) timer = setTimeout(run, Math.max(0, milliseconds));
  };

  const end = flow.subscribe(look);
  look();
  return () => {
    isOver = true;
    end();
    clearTimeout(timer);
  };
}
