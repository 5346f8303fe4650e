import { el, uniqueId } from "../dom.js";
import { errorText } from "../errors.js";

/** Where the pool leaves it to the person: whether this device is to be remembered. */
export function deviceQuestion(app) {
  const { texts, flow, ask, announce } = app;
  const id = uniqueId("device");
  const alert = el("p", { class: "form-error", role: "alert" });
  let busy = false;

  const answer = async (call, done) => {
    if (busy) return;
    busy = true;
    element.setAttribute("aria-busy", "true");
    alert.textContent = "";
    try {
      await ask(call);
      announce(texts(done));
    } catch (error) {
      if (app.isCurrent()) alert.textContent = errorText(error, texts);
    } finally {
      busy = false;
      element.setAttribute("aria-busy", "false");
    }
  };
  const button = (label, kind, call, done) =>
    el(
      "button",
      { type: "button", class: `${kind} small`, click: () => answer(call, done) },
      texts(label),
    );
  const element = el(
    "div",
    { class: "question", role: "group", "aria-labelledby": id, hidden: true },
    el("h3", { id }, texts("device.title")),
    el("p", { class: "hint" }, texts("device.text")),
    alert,
    el(
      "div",
      { class: "actions" },
      button("device.yes", "secondary", () => flow.account.rememberDevice(), "device.remembered"),
      button("device.no", "secondary", () => flow.account.forgetDevice(), "device.forgotten"),
    ),
  );
  return {
    element,
    /** Answers whether it took the focus with it when it went. */
    show(device) {
      const hadFocus = element.contains(document.activeElement);
      element.hidden = device !== "ask";
      return hadFocus && element.hidden;
    },
  };
}
