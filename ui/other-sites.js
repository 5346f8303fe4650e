// Signing in on another site, which sends the person back: the pool's own pages, or a provider's.
import { el } from "./dom.js";
import { eventButton } from "./form.js";

/** A button for each of the app's `redirects`, `{ label, provider?, idpIdentifier? }`. */
export function otherSites(app) {
  const { texts, redirects } = app;
  if (redirects.length === 0) return null;
  const lang = texts.language;
  return el(
    "div",
    { class: "ways separated" },
    redirects.map(({ label, ...to }) =>
      eventButton({
        app,
        kind: "secondary",
        label,
        event: { type: "signInWithRedirect", lang, ...to },
      }),
    ),
  );
}
