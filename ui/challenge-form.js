// A form for what the pool asks in a sign-in: how long there is for it, other ways, the way back.
import { el, ownOf } from "./dom.js";
import { eventForm } from "./form.js";
import { backToSignIn, countdownSentence, otherWays } from "./parts.js";

/** As `eventForm`, with `text`, what is asked for in a sentence, before what `body` has. */
export function challengeForm(app, options) {
  const { text, body = null, ...rest } = ownOf(options);
  const countdown = countdownSentence({ ...app, key: "mfa" });
  const ways = otherWays(app);
  const form = eventForm({
    app,
    ...rest,
    body: [el("p", {}, text), countdown.element, body],
    extra: [ways.element, el("p", {}, backToSignIn(app))],
  });
  return {
    ...form,
    show(snapshot) {
      const { expiresAt, alternatives = [] } = ownOf(snapshot);
      countdown.update(expiresAt);
      ways.update(alternatives);
      form.show(snapshot);
    },
    stop: countdown.stop,
  };
}
