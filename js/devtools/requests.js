// What was asked of Cognito: which operation, when, how long it took, what came of it, and which members went
// there and back. A value is noted where it is one of Cognito's own words; any other is a dot.
import { log } from "./log.js";

/** The newest are kept, of all flows of the page. */
export const requests = log();

/** Values that are words of the API's: each by what it looks like, so that nothing else passes for one. */
const WORD = /^[A-Z][A-Z0-9_]{1,40}$/;
const KNOWN = {
  AttributeName: /^(?:email|phone_number)$/,
  AuthFlow: WORD,
  CODE_DELIVERY_DELIVERY_MEDIUM: WORD,
  ChallengeName: WORD,
  DeliveryMedium: WORD,
  ExpiresIn: "number",
  PREFERRED_CHALLENGE: WORD,
  Status: WORD,
  UserConfirmed: "boolean",
};
/** Members of Cognito's have such names. Of others nobody knows what they say. */
const NAME = /^(?:[A-Z][A-Za-z]{1,40}|[A-Z][A-Z_]{1,40})$/;
const EXCEPTION = /^[A-Z][A-Za-z]{1,60}$/;

/** A `fetch` that does what `real` does, and notes what it asks of Cognito. */
export function watchFetch(real) {
  const ask = real ?? ((...given) => globalThis.fetch(...given));
  return (address, init) => {
    const operation = operationOf(address, init);
    if (operation === null) return ask(address, init);
    const note = { at: Date.now(), operation, sent: describe(parsed(init.body)), took: null, status: null };
    requests.add(note);
    const begun = performance.now();
    const finish = (more) => {
      Object.assign(note, more, { took: Math.round(performance.now() - begun) });
      requests.changed();
    };
    const fail = () => finish({ status: init.signal?.aborted ? "aborted" : "failed" });
    let answer;
    try {
      answer = ask(address, init);
    } catch (error) {
      // Thrown, not rejected: nothing was sent, which the flow tells by that.
      fail();
      throw error;
    }
    Promise.resolve(answer).then((response) => heard(response).then(finish), fail);
    return answer;
  };
}

/** What is noted of a reply. A copy is read: the reply is the flow's, which may stop reading. */
async function heard(response) {
  const note = { status: response?.status ?? "failed", got: "", exception: null };
  try {
    const value = parsed(await response.clone().text());
    return { ...note, got: describe(value), exception: exceptionOf(value) };
  } catch {
    return note;
  }
}

/** The page's own `fetch`, for as long as somebody looks. */
let lookers = 0;
let restore = () => {};

export function watchGlobalFetch() {
  lookers += 1;
  if (lookers === 1) {
    const real = globalThis.fetch;
    const watched = watchFetch((...given) => real.apply(globalThis, given));
    globalThis.fetch = watched;
    restore = () => {
      // Who laid another one over it has this one inside.
      if (globalThis.fetch === watched) globalThis.fetch = real;
    };
  }
  return () => {
    lookers -= 1;
    if (lookers === 0) restore();
  };
}

function operationOf(address, init) {
  const target = init?.headers?.["x-amz-target"];
  const operation = /^AWSCognitoIdentityProviderService\.([A-Za-z]{1,60})$/.exec(target)?.[1];
  if (operation !== undefined) return operation;
  return /\/oauth2\/(?:token|revoke)$/.exec(String(address))?.[0] ?? null;
}

/** The members of the object that a text is; forms of the domain's, which are none, are not described. */
function parsed(text) {
  try {
    return { ...JSON.parse(text) };
  } catch {
    return {};
  }
}

function exceptionOf(value) {
  const name = String(value.__type).split("#").at(-1);
  return EXCEPTION.test(name) ? name : null;
}

/** `AuthFlow: USER_SRP_AUTH, AuthParameters { SRP_A ·, USERNAME · }` */
function describe(value, depth = 0) {
  const members = Object.entries(value).filter(([name]) => NAME.test(name));
  return members.map(([name, member]) => describeMember(name, member, depth)).join(", ");
}

function describeMember(name, value, depth) {
  if (Array.isArray(value)) return `${name} (${value.length})`;
  if (typeof value === "object" && value !== null) {
    return depth < 2 ? `${name} { ${describe(value, depth + 1)} }` : name;
  }
  const known = Object.hasOwn(KNOWN, name) ? KNOWN[name] : null;
  const isKnown = known instanceof RegExp ? known.test(value) : typeof value === known;
  return isKnown ? `${name}: ${value}` : `${name} ·`;
}
