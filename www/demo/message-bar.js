// On a phone the messages are far below the form: the one that the form waits for is shown over it, as
// a phone does, and pressing it fills the code in.
import { el } from "../ui/dom.js";
import { inMailbox, onPhone } from "./received.js";

export function messageBar({ texts, world, card, signal, currentFlow, openPane }) {
  const text = el("button", { type: "button", class: "text" });
  const close = el("button", { type: "button", class: "close", "aria-label": texts("bar.close") }, "×");
  const element = el(
    "div",
    { class: "message-bar surface", role: "group", "aria-label": texts("bar.title"), hidden: true },
    text,
    close,
  );
  let shown = null;
  let form = { key: null, since: 0 };
  /** Messages of that time and before are for an earlier form, or were used. */
  let seen = 0;

  const show = () => {
    const snapshot = currentFlow().snapshot();
    const key = [snapshot.step, snapshot.round, snapshot.attribute, snapshot.medium].join();
    if (form.key !== key) {
      // A message comes before the form that asks for it does.
      seen = Math.max(seen, form.since);
      form = { key, since: Date.now() };
    }
    const medium = snapshot.delivery?.medium;
    const came = medium === "sms" ? onPhone(world.state()).messages : inMailbox(world.state());
    const latest = medium === undefined ? undefined : came.findLast(({ at }) => at > seen);
    shown = latest ?? null;
    element.hidden = shown === null;
    if (shown !== null) text.textContent = textOf(shown, texts);
  };
  const done = () => {
    seen = shown.at;
    show();
  };
  text.addEventListener("click", async () => {
    const { code, link, dropped } = shown;
    done();
    if (dropped) return openPane("sms");
    if (link) return world.openLink(link);
    const { fillCode } = await import("./form.js");
    fillCode(card, code);
  });
  close.addEventListener("click", done);
  card.addEventListener("cognito-step", show, { signal });
  signal.addEventListener("abort", world.subscribe(show));
  show();
  return element;
}

function textOf({ medium, code, link, dropped }, texts) {
  if (dropped) return texts("bar.dropped", { reason: dropped });
  const from = texts(`bar.${medium}`);
  return link ? texts("bar.link", { from }) : texts("bar.code", { from, code });
}
