import { el } from "../dom.js";
import { errorText } from "../errors.js";

/**
 * One call of `flow.account` after the other, from `element`: busy while it is under way, what went
 * wrong in `alert`, what went well in `outcome`. `say(error)` is what an error is called here, or null
 * for what it is called everywhere.
 */
export function accountWork(app, element, say = () => null) {
  const { texts, isCurrent } = app;
  const alert = el("p", { class: "form-error", role: "alert" });
  const outcome = el("p", { class: "notice good", role: "status" });
  let busy = false;
  return {
    alert,
    outcome,
    /** Whether it was done; `done` is the text for then. A press during another call does nothing. */
    async run(work, done = null) {
      if (busy) return false;
      busy = true;
      element.setAttribute("aria-busy", "true");
      alert.textContent = "";
      // What was done before stays to be read while only the list is loaded anew.
      if (done !== null) outcome.textContent = "";
      try {
        await work();
        if (done !== null) outcome.textContent = done;
        return true;
      } catch (error) {
        // Who asked is gone, and so is this part of the page.
        if (isCurrent()) alert.textContent = say(error) ?? errorText(error, texts);
        return false;
      } finally {
        busy = false;
        element.setAttribute("aria-busy", "false");
      }
    },
  };
}
