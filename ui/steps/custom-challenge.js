import { challengeForm } from "../challenge-form.js";
import { el } from "../dom.js";
import { textField } from "../fields.js";

/**
 * What a pool's own functions ask for. How to ask it only the app knows: its `describeChallenge` makes
 * elements of the public parameters, or a text; without it they are shown as they are.
 */
export function customChallenge(app, { parameters }) {
  const { texts, describeChallenge = parameterList } = app;
  return challengeForm(app, {
    title: texts("custom.title"),
    text: texts("custom.text"),
    body: el("div", { class: "challenge" }, describeChallenge(parameters)),
    fields: [
      textField({
        name: "answer",
        label: texts("custom.label"),
        autocomplete: "off",
        autocapitalize: "none",
        spellcheck: "false",
      }),
    ],
    action: texts("mfa.action"),
    event: ({ answer }) => ({ type: "answerChallenge", answer }),
  });
}

function parameterList(parameters) {
  const rows = Object.entries(parameters).map(([name, value]) => [
    el("dt", {}, name),
    el("dd", {}, el("span", { class: "value", dir: "auto" }, value)),
  ]);
  return rows.length === 0 ? null : el("dl", { class: "contacts" }, rows.flat());
}
