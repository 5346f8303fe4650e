// Every text in one place per language. A text is looked up by its key; `{name}` in it is filled.

import { own } from "./dom.js";

/** The languages there are texts in, each by its own name. */
export const LANGUAGES = { en: "English", de: "Deutsch", ja: "日本語" };

/** The first of the preferred languages (`navigator.languages`) that there are texts in. */
export function chooseLanguage(preferred) {
  const known = preferred.map((tag) => tag.slice(0, 2).toLowerCase());
  return known.find(isLanguage) ?? "en";
}

/** Whether there are texts in it. */
export function isLanguage(language) {
  return Object.hasOwn(LANGUAGES, language);
}

/**
 * The texts of a language, as a function: `texts("mfa.title")`, `texts("code.sms", { to })`.
 * `load(language)` answers the tables to use, later ones adding to earlier ones.
 */
export async function loadTexts(language, load = appTables) {
  const tables = await load(language);
  return makeTexts(language, Object.assign({}, ...tables));
}

/** The texts of this folder alone. */
export async function appTables(language) {
  const { default: table } = await import(`./texts/${language}.js`);
  return [table];
}

/** The function over a table that is already loaded. */
export function makeTexts(language, table) {
  const texts = (key, values = {}) => fill(own(table, key) ?? key, values);
  texts.has = (key) => Object.hasOwn(table, key);
  texts.language = language;
  // The browser knows the region too: en-GB writes times as en-US does not.
  const tags = globalThis.navigator?.languages ?? [];
  const locale = tags.find((tag) => tag.startsWith(language)) ?? language;
  const time = new Intl.DateTimeFormat(locale, { timeStyle: "medium" });
  const full = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  texts.time = (ms) => time.format(ms);
  texts.dateAndTime = (ms) => full.format(ms);
  return texts;
}

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => own(values, name) ?? whole);
}
