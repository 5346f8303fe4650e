// Signed out: four forms, chosen by the address's hash, so that links and the back button work.
import { el } from "../dom.js";
import { confirmLater } from "../signed-out/confirm-later.js";
import { forgotPassword } from "../signed-out/forgot-password.js";
import { signIn } from "../signed-out/sign-in.js";
import { signUp } from "../signed-out/sign-up.js";

const VIEWS = {
  "#sign-in": signIn,
  "#sign-up": signUp,
  "#forgot-password": forgotPassword,
  "#confirm": confirmLater,
};

export function signedOut(app, snapshot, notice) {
  // Good news is about signing in now.
  if (notice !== null) history.replaceState(history.state, "", "#sign-in");
  const alert = el("p", { class: "notice", role: "alert", hidden: true });
  const element = el("div");
  let last = snapshot;
  let hash = null;
  let form = null;
  // An error belongs to the form that was open when it came.
  let errorOf = currentView();
  let error = null;

  const show = (next) => {
    last = next;
    // It may come a while after the form did, which it is not about.
    const ofLeaving = app.lastEvent() === "signOut" && next.busy === null && next.error !== null;
    alert.hidden = !ofLeaving;
    alert.textContent = ofLeaving ? notEverywhere(next.error, app.texts) : "";
    if (ofLeaving) next = { ...next, error: null };
    if (next.error !== error) [error, errorOf] = [next.error, hash ?? currentView()];
    form.show(errorOf === hash ? next : { ...next, error: null });
  };
  const open = () => {
    hash = currentView();
    form = VIEWS[hash](app, last);
    const news = notice === null ? [] : [el("p", { class: "notice good" }, notice)];
    notice = null;
    element.replaceChildren(alert, ...news, form.element);
    show(last);
  };
  const onHashChange = () => {
    if (currentView() === hash) return;
    open();
    form.focus();
    app.announce(element.querySelector("h2").textContent);
  };
  window.addEventListener("hashchange", onHashChange);
  open();
  return {
    element,
    show,
    focus: () => form.focus(),
    stop: () => window.removeEventListener("hashchange", onHashChange),
  };
}

/** Signing out here always works; what can go wrong is signing out everywhere. */
function notEverywhere(error, texts) {
  const { code, message } = error;
  const reason = code === "refused" ? [texts("error.poolSays", { message })] : [];
  return [texts("error.notEverywhere"), ...reason].join(" ");
}

function currentView() {
  return Object.hasOwn(VIEWS, location.hash) ? location.hash : "#sign-in";
}
