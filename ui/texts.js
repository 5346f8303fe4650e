// Every text in one place per language. A text is looked up by its key; `{name}` in it is filled.

import { own } from "./dom.js";

/** The languages there are texts in, each by its own name. */
export const LANGUAGES = {
  en: "English",
  de: "Deutsch",
  ja: "日本語",
  fr: "Français",
  es: "Español",
  "pt-BR": "Português (Brasil)",
  zh: "简体中文",
  ko: "한국어",
  ar: "العربية",
};

/** Each is loaded alone, when it is chosen. */
const TABLES = {
  en: () => import("./texts/en.js"),
  de: () => import("./texts/de.js"),
  ja: () => import("./texts/ja.js"),
  fr: () => import("./texts/fr.js"),
  es: () => import("./texts/es.js"),
  "pt-BR": () => import("./texts/pt-BR.js"),
  zh: () => import("./texts/zh.js"),
  ko: () => import("./texts/ko.js"),
  ar: () => import("./texts/ar.js"),
};

/** The first of the preferred languages (`navigator.languages`) that there are texts in. */
export function chooseLanguage(preferred) {
  const known = preferred.map(languageOf);
  return known.find(isLanguage) ?? "en";
}

/** Whether there are texts in it. */
export function isLanguage(language) {
  return Object.hasOwn(LANGUAGES, language);
}

/** The language of ours for a tag: `pt-PT` is read by `pt-BR`, and Chinese is the simplified one. */
function languageOf(tag) {
  const language = tag.slice(0, 2).toLowerCase();
  return Object.keys(LANGUAGES).find((ours) => ours.slice(0, 2) === language) ?? language;
}

/** `"rtl"` or `"ltr"`. */
export function directionOf(language) {
  return language === "ar" ? "rtl" : "ltr";
}

/**
 * The texts of a language, as a function: `texts("mfa.title")`, `texts("code.sms", { to })`.
 * `load(language)` answers the tables to use, later ones adding to earlier ones; `more` is laid over all.
 */
export async function loadTexts(language, load = appTables, more = {}) {
  const tables = await load(language);
  return makeTexts(language, Object.assign({}, ...tables, more));
}

/** The texts of this folder alone. */
export async function appTables(language) {
  const { default: table } = await TABLES[language]();
  return [table];
}

/** The function over a table that is already loaded. */
export function makeTexts(language, table) {
  const texts = (key, values = {}) => fill(own(table, key) ?? key, values);
  texts.has = (key) => Object.hasOwn(table, key);
  texts.language = language;
  // The browser knows the region too: en-GB writes times as en-US does not.
  const tags = globalThis.navigator?.languages ?? [];
  const locale = tags.find((tag) => tag.startsWith(language.slice(0, 2))) ?? language;
  const time = new Intl.DateTimeFormat(locale, { timeStyle: "medium" });
  const full = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  texts.time = (ms) => time.format(ms);
  texts.dateAndTime = (ms) => full.format(ms);
  return texts;
}

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => own(values, name) ?? whole);
}
