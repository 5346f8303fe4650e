// The person's phone and mailbox: what the pool sent, as it arrived.
import { el } from "../../ui/dom.js";

const SHOWN = 20;

/** Text messages. A phone can be lost: what is sent to its number from then on is not seen here. */
export function phone({ texts, world }) {
  const { list, log } = messageLog(texts("phone.title"));
  const lost = el("p", { class: "notice", hidden: true });
  const lose = el("button", { type: "button", class: "secondary small" });
  const number = el("span", { class: "hint" });
  const element = el(
    "section",
    { class: "device phone surface", "aria-labelledby": "phone-title" },
    el("header", {}, el("h2", { id: "phone-title" }, texts("phone.title")), number),
    lost,
    log,
    lose,
  );
  let current = null;
  lose.addEventListener("click", () => world.losePhone(current));

  return {
    element,
    show({ outbox, lostPhones }) {
      const sms = outbox.filter(({ medium }) => medium === "sms");
      const seen = sms.filter(({ to, at }) => !Object.hasOwn(lostPhones, to) || at < lostPhones[to]);
      current = sms.at(-1)?.to ?? null;
      const isLost = current !== null && Object.hasOwn(lostPhones, current);
      number.textContent = current ?? "";
      lost.hidden = !isLost;
      lost.textContent = isLost ? texts("phone.lost", { number: current }) : "";
      lose.hidden = current === null || isLost;
      lose.textContent = texts("phone.lose");
      showMessages(list, isLost ? [] : seen.filter(({ to }) => to === current), {
        texts,
        empty: isLost ? "" : texts("phone.empty"),
      });
    },
  };
}

/** Emails; the link in one can be opened. */
export function mailbox({ texts, world }) {
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
    show({ outbox }) {
      const emails = outbox.filter(({ medium }) => medium === "email");
      showMessages(list, emails, { texts, openLink, empty: texts("mailbox.empty") });
    },
  };
}

/** A list that screen readers hear of when it grows. */
function messageLog(label) {
  const list = el("ol", { class: "messages" });
  return { list, log: el("div", { class: "log", role: "log", "aria-label": label }, list) };
}

/** Newest first. What is shown already stays as it is, so that focus and screen readers keep it. */
function showMessages(list, messages, { texts, openLink, empty }) {
  const newest = messages.slice(-SHOWN).reverse();
  const shown = new Map([...list.children].map((item) => [item.dataset.key, item]));
  const items = newest.map((message) => {
    const key = [message.at, message.to, message.kind].join();
    const item = shown.get(key) ?? messageItem(message, { texts, openLink });
    item.dataset.key = key;
    return item;
  });
  if (items.length === 0 && empty !== "") items.push(el("li", { class: "empty" }, empty));
  if (items.length === list.children.length && items.every((item) => item.isConnected)) return;
  list.replaceChildren(...items);
}

function messageItem(message, { texts, openLink }) {
  const { to, medium, text, code, link, at, kind } = message;
  const copy = async ({ currentTarget: button }) => {
    await navigator.clipboard.writeText(code);
    button.textContent = texts("message.copied");
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
        "button",
        { type: "button", class: "secondary small", click: copy },
        texts("message.copy"),
      ),
    link &&
      el(
        "button",
        { type: "button", class: "secondary small", click: () => openLink(link) },
        texts("mailbox.openLink"),
      ),
  );
}
