// Parts that several steps have: where the code went, how long it lasts, asking for another one.
import { countDown, countsDown, minutesAndSeconds, threshold } from "./countdown.js";
import { el } from "./dom.js";
import { eventButton } from "./form.js";

/** The sentence that tells the person where to look, with the destination masked by the pool. */
export function deliverySentence(delivery, texts) {
  if (delivery === null) return el("p", {}, texts("delivery.unknown"));
  const [before, after] = texts(`delivery.${delivery.medium}`).split("{to}");
  return el("p", {}, before, el("strong", { class: "destination", dir: "ltr" }, delivery.destination), after);
}

/**
 * A live sentence about how long something can be used. `update(expiresAt | null)`; screen readers
 * hear of it at 60, 30 and 10 seconds only, by `announce`.
 */
export function countdownSentence({ texts, announce, key }) {
  const element = el("p", { class: "countdown", role: "timer", "aria-live": "off" });
  let until = null;
  let stop = () => {};
  const show = (left, before) => {
    element.textContent = !countsDown(left)
      ? texts(`${key}.until`, { time: texts.dateAndTime(until) })
      : left > 0
        ? texts(`${key}.left`, { time: minutesAndSeconds(left) })
        : texts(`${key}.over`);
    element.classList.toggle("soon", left > 0 && left <= 30_000);
    const passed = threshold(before, left);
    if (passed !== null) announce(texts("countdown.announce", { seconds: passed }));
  };
  return {
    element,
    update(expiresAt) {
      if (expiresAt === until) return;
      stop();
      until = expiresAt;
      element.hidden = expiresAt === null;
      let before = Infinity;
      if (expiresAt === null) return;
      stop = countDown(expiresAt, (left) => {
        // The first showing is no passing of a threshold.
        show(left, before === Infinity ? left : before);
        before = left;
      });
    },
    stop: () => stop(),
  };
}

const KEYS = { code: ["now", "wait", "done"], link: ["link", "linkWait", "linkDone"] };

/**
 * Asks for another code; while the pool would refuse, the button says how long. `done(text)` is called
 * with what came of it. `of` is what is sent: `"code"` or `"link"`.
 */
export function resendButton({ app, done, of = "code" }) {
  const [now, wait, sent] = KEYS[of].map((name) => `resend.${name}`);
  const { texts, flow, send } = app;
  const element = el("button", {
    type: "button",
    class: "link",
    click: async () => {
      if (!flow.accepts("resendCode")) return;
      const after = await send({ type: "resendCode" });
      if (after?.error === null) done(texts(sent));
    },
  });
  let until;
  let stop = () => {};
  const label = (left) => {
    const waits = left > 0;
    element.setAttribute("aria-disabled", String(waits));
    element.textContent = waits
      ? texts(wait, { time: minutesAndSeconds(left) })
      : texts(now);
  };
  return {
    element,
    /** `resendAt`: when another may be asked for; null: now. */
    update(resendAt) {
      if (resendAt === until) return;
      stop();
      until = resendAt;
      stop = () => {};
      if (resendAt === null) label(0);
      else stop = countDown(resendAt, label);
    },
    stop: () => stop(),
  };
}

/** Leaves the sign-in that waits. */
export function backToSignIn(app) {
  return eventButton({ app, label: app.texts("backToSignIn"), event: { type: "cancel" } });
}

/** The other ways to sign in that the pool offers in this step, behind a summary. */
export function otherWays(app) {
  const buttons = el("div", { class: "ways" });
  const summary = el("summary", {}, app.texts("anotherWay"));
  const element = el("details", { hidden: true }, summary, buttons);
  let shown = "";
  return {
    element,
    update(ways) {
      element.hidden = ways.length === 0;
      if (ways.join() === shown) return;
      shown = ways.join();
      buttons.replaceChildren(
        ...ways.map((choice) =>
          eventButton({
            app,
            kind: "secondary",
            label: app.texts(`way.${choice}`),
            event: { type: "selectFactor", choice },
          }),
        ),
      );
    },
  };
}
