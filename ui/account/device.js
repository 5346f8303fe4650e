import { el, hasFocus, uniqueId } from "../dom.js";
import { accountWork } from "./work.js";

/** Where the pool leaves it to the person: whether this device is to be remembered. */
export function deviceQuestion(app) {
  const { texts, flow, ask } = app;
  const id = uniqueId("device");
  const element = el("div", { class: "question", role: "group", "aria-labelledby": id, hidden: true });
  const work = accountWork(app, element);
  const button = (label, call, done) =>
    el(
      "button",
      { type: "button", class: "secondary small", click: () => work.run(() => ask(call), texts(done)) },
      texts(label),
    );
  element.append(
    el("h3", { id }, texts("device.title")),
    el("p", { class: "hint" }, texts("device.text")),
    work.alert,
    el(
      "div",
      { class: "actions" },
      button("device.yes", () => flow.account.rememberDevice(), "device.remembered"),
      button("device.no", () => flow.account.forgetDevice(), "device.forgotten"),
    ),
  );
  return {
    element,
    /** What came of it: it stays when the question goes. */
    outcome: work.outcome,
    /** Answers whether it took the focus with it when it went. */
    show(device) {
      const hadFocus = hasFocus(element);
      element.hidden = device !== "ask";
      return hadFocus && element.hidden;
    },
  };
}
