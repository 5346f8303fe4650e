import { challengeForm } from "../challenge-form.js";

/** One of several ways: to begin with, to give the second factor, or to set one up. */
export function selectFactor(app, { of, username, choices }) {
  const { texts } = app;
  return challengeForm(app, {
    title: texts(`select.${of}.title`),
    text: texts(`select.${of}.text`, { username }),
    others: choices.map((choice) => ({
      label: texts(`${of === "mfaSetUp" ? "setUp" : "way"}.${choice}`),
      event: () => ({ type: "selectFactor", choice }),
    })),
  });
}
