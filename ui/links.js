// Between the signed-out forms.
import { el } from "./dom.js";

/** Whether there is this one of the signed-out forms. */
export function offers({ views }, view) {
  return view === "signIn" || views.includes(view);
}

/** Leads to another of the signed-out forms: by its address, where they have addresses. */
export function viewLink({ navigation }, view, label) {
  const href = navigation.href(view);
  if (href !== null) return el("a", { href }, label);
  return el("button", { type: "button", class: "link", click: () => navigation.go(view) }, label);
}
