// Which field an error belongs beside, and what to say about it.

const FIELDS = {
  wrongCredentials: "password",
  invalidPassword: "password",
  codeMismatch: "code",
  codeExpired: "code",
  userExists: "username",
  noVerifiedContact: "username",
};

/** The errors whose own words are the pool's, about the value that it refused. */
const WITH_THE_POOLS_WORDS = ["invalidParameter", "invalidPassword"];

/** The name of the field that an error is about, or null where it is about none. */
export function fieldOf(error) {
  return FIELDS[error.code] ?? error.attribute ?? null;
}

/** What a person can read, with what to do next. */
export function errorText(error, texts) {
  const known = texts.has(`error.${error.code}`);
  const parts = [texts(known ? `error.${error.code}` : "error.other", { code: error.code })];
  if (WITH_THE_POOLS_WORDS.includes(error.code) && error.server) {
    parts.push(texts("error.poolSays", { message: error.message }));
  }
  if (error.retryAt) parts.push(texts("error.retryAt", { time: texts.time(error.retryAt) }));
  return parts.join(" ");
}
