// Signed out: four forms, the navigation says which.
import { el } from "../dom.js";
import { errorText } from "../errors.js";
import { offers } from "../links.js";
import { signIn } from "../signed-out/sign-in.js";

/** The other three, once they are loaded: most people never need them. */
let others = null;
let loading = null;

/** Loads them; after a failure the next call tries again. */
function loadOthers() {
  loading ??= import("../signed-out/others.js").then(
    (loaded) => (others = loaded),
    (error) => {
      loading = null;
      throw error;
    },
  );
  return loading;
}

export function signedOut(app, snapshot, notice) {
  const { navigation } = app;
  const currentView = () => (offers(app, navigation.view()) ? navigation.view() : "signIn");
  // Good news is about signing in now.
  if (notice !== null) navigation.settle("signIn");
  const alert = el("p", { class: "notice", role: "alert", hidden: true });
  const left = el("p", { class: "notice good", role: "status" });
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
    left.textContent = ofLeaving || view !== "signIn" ? "" : farewell(app, next);
    if (next.error !== error) [error, errorOf] = [next.error, view ?? currentView()];
    form.show(errorOf === view ? next : { ...next, error: null });
  };
  const open = () => {
    view = currentView();
    form?.stop?.();
    form = formOf(view);
    const news = notice === null ? [] : [el("p", { class: "notice good" }, notice)];
    notice = null;
    element.replaceChildren(alert, left, ...news, form.element);
    show(last);
  };
  const reopen = () => {
    open();
    form.focus();
    // While the form is loaded there is none, and nothing to say.
    const heading = element.querySelector("h2");
    if (heading) app.announce(heading.textContent);
  };
  const formOf = (view) => {
    if (view === "signIn") return signIn(app, last);
    return others === null ? notYet(view) : others[view](app, last);
  };
  /** What stands there while the form is loaded. */
  const notYet = (wanted) => {
    const waits = el("div", { class: "loading", "aria-busy": "true", tabindex: "-1" }, ["heading", "box", "box", "box"].map((kind) => el("div", { class: `skeleton ${kind}` })));
    const isWanted = () => element.isConnected && view === wanted;
    const load = () =>
      loadOthers().then(
        () => isWanted() && reopen(),
        () => isWanted() && waits.replaceChildren(...notLoaded(app.texts, load)),
      );
    load();
    return { element: waits, show() {}, focus: () => waits.focus() };
  };
  const unfollow = navigation.onChange(() => currentView() !== view && reopen());
  open();
  // Whoever comes near may want another one: it is there then.
  for (const type of ["pointerover", "focusin"]) {
    element.addEventListener(type, () => loadOthers().catch(() => {}), { once: true });
  }
  return {
    element,
    show,
    focus: () => form.focus(),
    news: () => left.textContent,
    stop() {
      unfollow();
      form.stop?.();
    },
  };
}

function notLoaded(texts, again) {
  return [
    el("p", { class: "form-error", role: "alert" }, errorText({ code: "offline" }, texts)),
    el("button", { type: "button", class: "primary", click: again }, texts("account.again")),
  ];
}

/** What came of signing out, until something else is begun: here it is so at once. */
function farewell({ lastEvent, leftEverywhere, texts }, { busy }) {
  if (lastEvent() !== "signOut") return "";
  const everywhere = leftEverywhere() && busy === null;
  return texts(everywhere ? "notice.signedOutEverywhere" : "notice.signedOut");
}

/** Signing out here always works; what can go wrong is signing out everywhere. */
function notEverywhere(error, texts) {
  const { code, message } = error;
  const reason = code === "refused" ? [texts("error.poolSays", { message })] : [];
  return [texts("error.notEverywhere"), ...reason].join(" ");
}
