// The person's phone and mailbox: what the pool sent, as it arrived.
import { el } from "../../ui/dom.js";
import { inMailbox, onPhone } from "../received.js";

const SHOWN = 20;

/** Text messages. A phone can be lost: what is sent to its number from then on is not seen here. */
export function phone({ texts, world, card, openPane }) {
  const { list, log } = messageLog(texts("phone.title"));
  const lost = el("p", { class: "notice", hidden: true });
  const lose = el("button", { type: "button", class: "secondary small" });
  const parts = { texts, card, openPane };
  const number = el("span", { class: "hint" });
  const element = el(
    "section",
    { class: "device phone surface", "aria-labelledby": "phone-title" },
    el("header", {}, el("h2", { id: "phone-title" }, texts("phone.title")), number),
    lost,
    log,
    lose,
  );
  let current = { number: null, isLost: false };
  lose.addEventListener("click", () => world.losePhone(current.number, !current.isLost));

  return {
    element,
    show(state) {
      const { number: to, isLost, messages } = onPhone(state);
      current = { number: to, isLost };
      number.textContent = to ?? "";
      lost.hidden = !isLost;
      lost.textContent = isLost ? texts("phone.lost", { number: to }) : "";
      lose.hidden = to === null;
      lose.textContent = texts(isLost ? "phone.found" : "phone.lose");
      showMessages(list, messages, { ...parts, empty: isLost ? "" : texts("phone.empty") });
    },
  };
}

/** Emails; the link in one can be opened. */
export function mailbox({ texts, world, card }) {
  const { list, log } = messageLog(texts("mailbox.title"));
  const outcome = el("p", { class: "notice", role: "status", hidden: true });
  const element = el(
    "section",
    { class: "device mailbox surface", "aria-labelledby": "mailbox-title" },
    el("header", {}, el("h2", { id: "mailbox-title" }, texts("mailbox.title"))),
    outcome,
    log,
  );
  const openLink = async (link) => {
    const worked = await world.openLink(link);
    outcome.hidden = false;
    outcome.textContent = texts(worked ? "mailbox.linkWorked" : "mailbox.linkFailed");
  };
  return {
    element,
    show(state) {
      showMessages(list, inMailbox(state), { texts, card, openLink, empty: texts("mailbox.empty") });
    },
  };
}

/** A list that screen readers hear of when it grows. */
function messageLog(label) {
  const list = el("ol", { class: "messages" });
  return { list, log: el("div", { class: "log", role: "log", "aria-label": label }, list) };
}

/** Newest first. What is shown already stays as it is, so that focus and screen readers keep it. */
function showMessages(list, messages, { empty, ...parts }) {
  const newest = messages.slice(-SHOWN).reverse();
  const shown = new Map([...list.children].map((item) => [item.dataset.key, item]));
  const items = newest.map((message) => {
    const key = [message.at, message.to, message.kind].join();
    const item = shown.get(key) ?? messageItem(message, parts);
    item.dataset.key = key;
    return item;
  });
  if (items.length === 0 && empty !== "") items.push(el("li", { class: "empty" }, empty));
  if (items.length === list.children.length && items.every((item) => item.isConnected)) return;
  list.replaceChildren(...items);
}

function messageItem(message, { texts, card, openLink, openPane }) {
  const { to, medium, text, code, link, at, kind, dropped } = message;
  if (dropped) {
    const why = el("button", { type: "button", class: "link", click: () => openPane("sms") }, texts("phone.dropped.why"));
    return el("li", { class: "message dropped" }, el("p", {}, texts("phone.dropped", { reason: dropped })), why);
  }
  const copy = async ({ currentTarget: button }) => {
    try {
      await navigator.clipboard.writeText(code);
      button.textContent = texts("message.copied");
    } catch {
      // Not allowed here: it stands above, and can be filled in.
      getSelection().selectAllChildren(button.closest(".message").querySelector(".text"));
    }
  };
  const fill = async ({ currentTarget: button }) => {
    const { fillCode } = await import("../form.js");
    if (!fillCode(card, code)) button.textContent = texts("message.notAsked");
  };
  const [subject, ...lines] = medium === "email" ? text.split("\n") : ["", text];
  return el(
    "li",
    { class: "message" },
    el(
      "p",
      { class: "meta" },
      medium === "email" ? `${texts("mailbox.to", { to })} ` : "",
      el("time", { datetime: new Date(at).toISOString() }, texts.time(at)),
    ),
    subject === "" ? null : el("p", { class: "subject" }, subject),
    el("p", { class: "text" }, lines.join("\n").trim()),
    // A temporary password is none.
    code &&
      kind !== "adminCreateUser" &&
      el(
        "div",
        { class: "actions" },
        el("button", { type: "button", class: "secondary small", click: fill }, texts("message.fill")),
        el("button", { type: "button", class: "secondary small", click: copy }, texts("message.copy")),
      ),
    link &&
      el(
        "button",
        { type: "button", class: "secondary small", click: () => openLink(link) },
        texts("mailbox.openLink"),
      ),
  );
}
