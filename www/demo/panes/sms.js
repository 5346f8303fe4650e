// Sending SMS: the permission (an IAM role), the money (a monthly limit), and what became of each
// message.
import { el } from "../../ui/dom.js";
import { actionForm, attempt } from "./action.js";
import { caseLetters, priceList, usd } from "./sms-money.js";

const ROLES = ["ok", "permission", "trust"];
const MICRO = 1_000_000;
const LOG_LENGTH = 12;
/** Nearly all of what an account has without a support case. */
const NEARLY = 990_000;

export function sms({ texts, world }) {
  const log = el("tbody");
  const limit = el("input", {
    id: "sms-limit",
    name: "limit",
    type: "number",
    min: "0",
    step: "1",
    inputmode: "numeric",
  });
  const bar = el("meter", { min: "0", id: "spent" });
  const sum = el("p", { class: "hint" });
  const most = el("input", {
    id: "sms-most",
    name: "most",
    type: "number",
    min: "0",
    step: "any",
    inputmode: "decimal",
  });
  const role = roleChoice(texts, world);
  const prices = priceList(texts);
  const letters = el("ol", { class: "messages" });
  const element = el(
    "div",
    {},
    el("h3", {}, texts("sms.role")),
    role.element,
    el("h3", {}, texts("sms.money")),
    el("label", { for: "spent" }, texts("sms.spent")),
    bar,
    sum,
    spendButton(texts, world),
    el("p", { class: "hint" }, texts("sms.limits")),
    limitForm(texts, world, limit),
    mostForm(texts, world, most),
    prices.element,
    el("details", {}, el("summary", {}, texts("sms.case")), caseForm(texts, world), letters),
    el("h3", {}, texts("sms.log")),
    el(
      "div",
      { class: "scrolls", tabindex: "0", role: "region", "aria-label": texts("sms.log") },
      el(
        "table",
        {},
        el(
          "thead",
          {},
          el(
            "tr",
            {},
            ...["when", "to", "outcome", "cost"].map((name) =>
              el("th", { scope: "col" }, texts(`sms.log.${name}`)),
            ),
          ),
        ),
        log,
      ),
    ),
  );
  let shownLimit = null;
  let shownMost;
  let shownCases = null;
  return {
    element,
    show({ spending, deliveries, prices: list, cases, role: current }) {
      role.show(current);
      const { monthToDateMicroUsd: spent, limitMicroUsd } = spending;
      // A limit of nothing still needs a scale.
      bar.max = Math.max(limitMicroUsd, spent, 1) / MICRO;
      // Little is good; from four fifths on it shows as much.
      [bar.low, bar.high, bar.optimum] = [bar.max * 0.8, bar.max, 0];
      bar.value = limitMicroUsd === 0 ? bar.max : spent / MICRO;
      sum.textContent = texts("sms.sum", { spent: usd(spent), limit: usd(limitMicroUsd) });
      if (limitMicroUsd !== shownLimit) limit.value = limitMicroUsd / MICRO;
      shownLimit = limitMicroUsd;
      if (list.maxPerMessage !== shownMost) most.value = list.maxPerMessage === null ? "" : list.maxPerMessage / MICRO;
      shownMost = list.maxPerMessage;
      prices.show(list);
      const now = JSON.stringify(cases);
      if (now !== shownCases) letters.replaceChildren(...caseLetters(cases, texts));
      shownCases = now;
      const lines = deliveries.slice(-LOG_LENGTH).reverse();
      log.replaceChildren(...lines.map((line) => logLine(line, texts)));
    },
  };
}

function logLine({ at, to, outcome, reason, costMicroUsd }, texts) {
  const state = el(
    "span",
    { class: outcome === "delivered" ? "badge good" : "badge warn" },
    texts(`sms.${outcome}`),
  );
  return el(
    "tr",
    {},
    el("td", {}, texts.time(at)),
    el("td", {}, to),
    el("td", {}, state, reason ? ` ${reason}` : ""),
    el("td", {}, usd(costMicroUsd)),
  );
}

function roleChoice(texts, world) {
  const alert = el("p", { class: "form-error", role: "alert" });
  const inputs = ROLES.map((name) =>
    el("input", {
      type: "radio",
      name: "role",
      value: name,
      change: () => attempt(alert, () => world.setRole(name)),
    }),
  );
  const element = el(
    "fieldset",
    {},
    el("legend", {}, texts("sms.role.legend")),
    inputs.map((input) =>
      el("label", { class: "option" }, input, " ", texts(`sms.role.${input.value}`)),
    ),
    alert,
  );
  return {
    element,
    show: (current) => inputs.forEach((input) => (input.checked = input.value === current)),
  };
}

function limitForm(texts, world, input) {
  return actionForm({
    texts,
    content: el(
      "div",
      { class: "field" },
      el("label", { for: input.id }, texts("sms.limit")),
      input,
    ),
    action: texts("sms.setLimit"),
    act: ({ limit }) => world.setSpendLimit(limit),
  });
}

/** What it takes to see the limit is spent at once, as if messages had been sent. */
function spendButton(texts, world) {
  const alert = el("p", { class: "form-error", role: "alert" });
  const click = () => attempt(alert, () => world.spend(NEARLY));
  return el(
    "div",
    { class: "actions" },
    el("button", { type: "button", class: "secondary small", click }, texts("sms.spend", { sum: usd(NEARLY) })),
    alert,
  );
}

function mostForm(texts, world, input) {
  return actionForm({
    texts,
    content: el("div", { class: "field" }, el("label", { for: input.id }, texts("sms.most")), input),
    action: texts("sms.setMost"),
    act: ({ most }) => world.setMostPerMessage(most === "" ? null : Math.round(Number(most) * MICRO)),
  });
}

function caseForm(texts, world) {
  return actionForm({
    texts,
    content: [
      el("p", { class: "hint" }, texts("sms.case.text")),
      el(
        "div",
        { class: "field" },
        el("label", { for: "case-limit" }, texts("sms.case.limit")),
        el("input", {
          id: "case-limit",
          name: "limit",
          type: "number",
          min: "1",
          step: "1",
          value: "20",
        }),
      ),
      el(
        "div",
        { class: "field" },
        el("label", { for: "case-use" }, texts("sms.case.use")),
        el("input", { id: "case-use", name: "useCase", value: texts("sms.case.example") }),
      ),
    ],
    action: texts("sms.case.file"),
    done: "sms.case.done",
    act: ({ limit, useCase }) => world.raiseSpendLimit(limit, useCase),
  });
}
