// What SMS cost by country, and what was written to AWS Support for a higher limit.
import { el } from "../../ui/dom.js";

/** The countries of a calling code that the price list may have. */
const COUNTRIES = {
  1: ["US", "CA"],
  91: ["IN"],
  53: ["CU"],
  249: ["SD"],
  850: ["KP"],
  963: ["SY"],
  98: ["IR"],
};
const MICRO = 1_000_000;

/** `{ element, show(prices) }` */
export function priceList(texts) {
  const rows = el("tbody");
  const head = ["country", "code", "price"].map((name) => el("th", { scope: "col" }, texts(`sms.prices.${name}`)));
  const element = el(
    "details",
    {},
    el("summary", {}, texts("sms.prices")),
    el("p", { class: "hint" }, texts("sms.prices.text")),
    el("table", {}, el("thead", {}, el("tr", {}, head)), rows),
  );
  const names = new Intl.DisplayNames(texts.language, { type: "region" });
  const row = (code, price) => {
    const countries = COUNTRIES[code]?.map((region) => names.of(region)) ?? [];
    const cells = [countries.join(", "), `+${code}`, price];
    return el("tr", {}, cells.map((cell) => el("td", {}, cell)));
  };
  return {
    element,
    show({ byPrefix, elsewhere, unreachable }) {
      rows.replaceChildren(
        ...Object.entries(byPrefix).map(([code, price]) => row(code, usd(price))),
        el("tr", {}, [texts("sms.prices.elsewhere"), "", usd(elsewhere)].map((cell) => el("td", {}, cell))),
        ...unreachable.map((code) => row(code, texts("sms.prices.unreachable"))),
      );
    },
  };
}

/** The letters of each case, the newest first: what was asked for, and what came back. */
export function caseLetters(cases, texts) {
  return [...cases].reverse().flatMap(({ displayId, subject, status, recentCommunications }) => {
    const [{ body, timeCreated }] = recentCommunications.communications;
    const letter = (from, lines) =>
      el(
        "li",
        { class: "message" },
        el("p", { class: "meta" }, from, " ", el("time", { datetime: timeCreated }, texts.time(Date.parse(timeCreated)))),
        el("p", { class: "subject", lang: "en" }, lines.subject),
        el("p", { class: "text" }, lines.text),
      );
    const asked = letter(texts("sms.case.to"), { subject, text: body });
    const answer = { subject: `RE: [CASE ${displayId}] ${subject}`, text: texts("sms.case.answer") };
    return status === "resolved" ? [letter(texts("sms.case.from"), answer), asked] : [asked];
  });
}

/** An amount of millionths of a dollar. */
export function usd(microUsd) {
  return `${(microUsd / MICRO).toFixed(microUsd % 10_000 === 0 ? 2 : 5)} USD`;
}
