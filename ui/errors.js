// Which field an error belongs beside, and what to say about it.
import { own } from "./dom.js";

const FIELDS = {
  wrongCredentials: "password",
  invalidPassword: "password",
  codeMismatch: "code",
  codeExpired: "code",
  userExists: "username",
  noVerifiedContact: "username",
};

/** The errors whose own words are the pool's, about the value that it refused or its reason. */
const WITH_THE_POOLS_WORDS = ["invalidParameter", "invalidPassword", "refused", "redirectFailed"];

/** The name of the field that an error is about, or null where it is about none. */
export function fieldOf(error) {
  return own(FIELDS, error.code) ?? own(error, "attribute") ?? null;
}

/** What a person can read, with what to do next. */
export function errorText(error, texts) {
  const known = texts.has(`error.${error.code}`);
  const parts = [texts(known ? `error.${error.code}` : "error.other", { code: error.code })];
  if (WITH_THE_POOLS_WORDS.includes(error.code) && own(error, "server")) {
    parts.push(texts("error.poolSays", { message: error.message }));
  }
  const retryAt = own(error, "retryAt");
  if (retryAt) parts.push(texts("error.retryAt", { time: texts.time(retryAt) }));
  return parts.join(" ");
}

/** The field of these that an error belongs beside, if any, and the text that is to stand there. */
export function placeError(error, fields, texts) {
  const name = fieldOf(error);
  const field =
    fields.find(({ about }) => about.includes(error.code)) ??
    fields.find((each) => each.name === name);
  return { field, text: field?.say(error) ?? errorText(error, texts) };
}
