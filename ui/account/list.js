// A list of what belongs to the account: loaded when it is shown, and again after each change.
import { el, hasFocus, ownOf } from "../dom.js";
import { accountWork } from "./work.js";

/**
 * `load()` answers the entries, `item(entry, change)` what stands in a row, `change(call, done)` being
 * for its buttons: it calls, says `done` and loads the list anew. `label` names the list, `empty` is
 * what is said where there is nothing; `after(change)` is what stands below it.
 */
export function accountList(app, options) {
  const { label, load, item, empty, after = () => null, say } = ownOf(options);
  const { texts, ask, isCurrent } = app;
  const waiting = el("p", { class: "hint", role: "status" });
  const list = el("ul", { class: "items", "aria-label": label, tabindex: "-1" });
  const again = el(
    "button",
    { type: "button", class: "secondary small", hidden: true, click: () => show() },
    texts("account.again"),
  );
  const element = el("div", { class: "account-list" });
  const work = accountWork(app, element, say);

  const show = async () => {
    waiting.textContent = texts("account.loading");
    again.hidden = true;
    const done = await work.run(fill);
    if (done || !isCurrent()) return;
    waiting.textContent = "";
    again.hidden = false;
  };
  const fill = async () => {
    const entries = await ask(load);
    if (!isCurrent()) return;
    waiting.textContent = entries.length === 0 ? empty : "";
    list.hidden = entries.length === 0;
    list.replaceChildren(...entries.map((entry) => el("li", {}, item(entry, change))));
  };
  const change = (call, done) =>
    work.run(async () => {
      const hadFocus = hasFocus(list);
      await ask(call);
      if (!isCurrent()) return;
      await fill();
      // The button that was pressed is gone, and the keyboard goes on from the list.
      if (hadFocus && !hasFocus(list)) (list.hidden ? waiting : list).focus();
    }, done);
  waiting.tabIndex = -1;
  element.append(work.alert, work.outcome, waiting, list, ...[again, after(change)].flat().filter(Boolean));
  show();
  return element;
}

/** What a row says: a name with badges, and lines of small print. */
export function described(name, badges, lines) {
  return el(
    "div",
    {},
    el("p", {}, el("strong", { class: "value", dir: "auto" }, name), badges.filter(Boolean).map((text) => [
      " ",
      el("span", { class: "badge good" }, text),
    ]).flat()),
    lines.filter(Boolean).map((line) => el("p", { class: "hint" }, line)),
  );
}

/** A button of a row. `about` says which row, to who does not see where it stands. */
export function rowButton(label, about, click, kind = "secondary") {
  return el(
    "button",
    { type: "button", class: `${kind} small`, click },
    label,
    el("span", { class: "visually-hidden" }, ` – ${about}`),
  );
}

/** A button that asks once more before it does what cannot be taken back. */
export function sureButton({ texts }, label, about, click) {
  const place = el("span", { class: "actions" });
  const ask = () => {
    const yes = rowButton(texts("account.sure"), about, click, "danger");
    place.replaceChildren(yes, rowButton(texts("cancel"), about, reset));
    yes.focus();
  };
  const first = rowButton(label, about, ask);
  const reset = () => {
    place.replaceChildren(first);
    first.focus();
  };
  place.append(first);
  return place;
}
