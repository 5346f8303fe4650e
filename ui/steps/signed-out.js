// Signed out: four forms, the navigation says which.
import { el } from "../dom.js";
import { confirmLater } from "../signed-out/confirm-later.js";
import { forgotPassword } from "../signed-out/forgot-password.js";
import { offers } from "../links.js";
import { signIn } from "../signed-out/sign-in.js";
import { signUp } from "../signed-out/sign-up.js";

const VIEWS = {
  signIn,
  signUp,
  forgotPassword,
  confirm: confirmLater,
};

export function signedOut(app, snapshot, notice) {
  const { navigation } = app;
  const currentView = () => (offers(app, navigation.view()) ? navigation.view() : "signIn");
  // Good news is about signing in now.
  if (notice !== null) navigation.settle("signIn");
  const alert = el("p", { class: "notice", role: "alert", hidden: true });
  const element = el("div");
  let last = snapshot;
  let view = null;
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
    if (next.error !== error) [error, errorOf] = [next.error, view ?? currentView()];
    form.show(errorOf === view ? next : { ...next, error: null });
  };
  const open = () => {
    view = currentView();
    form = VIEWS[view](app, last);
    const news = notice === null ? [] : [el("p", { class: "notice good" }, notice)];
    notice = null;
    element.replaceChildren(alert, ...news, form.element);
    show(last);
  };
  const unfollow = navigation.onChange(() => {
    if (currentView() === view) return;
    open();
    form.focus();
    app.announce(element.querySelector("h2").textContent);
  });
  open();
  return {
    element,
    show,
    focus: () => form.focus(),
    stop: unfollow,
  };
}

/** Signing out here always works; what can go wrong is signing out everywhere. */
function notEverywhere(error, texts) {
  const { code, message } = error;
  const reason = code === "refused" ? [texts("error.poolSays", { message })] : [];
  return [texts("error.notEverywhere"), ...reason].join(" ");
}
