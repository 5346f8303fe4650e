// Requests by `fetch`, and what came of them.
import { attempt } from "./error.js";
import { LOST, NOT_SENT, objectText, own } from "./json.js";

/** Cognito's replies are some kilobytes. What is longer is not read to its end. */
const LONGEST_BODY = 1_048_576;

/**
 * `replied` is given the request's id, a status, and of an answer the body if it is an object or
 * empty, the exception's name and whether a firewall answered; else the exception of `fetch`.
 * `given` is the app's `fetch`, if it has one; `domain` speaks for operations that are paths there.
 */
export function openNetwork(given, domain, replied) {
  const requests = new Map();
  let closed = false;

  const abort = (id) => {
    const controller = requests.get(id);
    requests.delete(id);
    controller?.abort();
  };

  /** What aborts with `abort`, until it is `done`. */
  const begin = (id) => {
    const controller = new AbortController();
    requests.set(id, controller);
    return controller.signal;
  };
  /** Whether anybody still waits for it. */
  const done = (id) => requests.delete(id);

  return {
    begin,
    done,

    async send(id, url, operation, body, keepalive) {
      if (closed) return;
      const signal = begin(id);
      const isOfDomain = operation[0] === "/";
      let type = "application/x-amz-json-1.1";
      let translate;
      if (isOfDomain) [url, type, body, translate] = domain.request(operation, body);
      // Without a prototype, so that the browser reads no members but these.
      const init = {
        __proto__: null,
        method: "POST",
        headers: { __proto__: null, "content-type": type },
        body,
        credentials: "omit",
        cache: "no-store",
        redirect: "error",
        referrerPolicy: "no-referrer",
        signal,
      };
      if (!isOfDomain) init.headers["x-amz-target"] = `AWSCognitoIdentityProviderService.${operation}`;
      if (keepalive) init.keepalive = true;
      const reply = await post(given ?? globalThis.fetch, url, init, translate);
      if (done(id)) replied(id, ...reply);
    },

    abort,

    close() {
      closed = true;
      [...requests.keys()].forEach(abort);
    },
  };
}

async function post(fetch, url, init, translate) {
  const wasOffline = isOffline();
  let isSent = false;
  try {
    const answer = fetch(url, init);
    isSent = true;
    return await read(await answer, init.signal, translate);
  } catch (cause) {
    const isLost = isSent && !(wasOffline && isOffline()) && !wasNotSent(cause);
    return [isLost ? LOST : NOT_SENT, undefined, undefined, false, cause];
  }
}

/** What comes back is the app's to make: nothing of it is taken for what it should be. */
async function read(response, signal, translate) {
  const status = response?.status;
  if (!Number.isInteger(status) || status < 100 || status > 599 || response.redirected) {
    // Opaque, from another address, or none at all: it is an answer of nobody's.
    return [0];
  }
  const header = (name) => {
    const value = attempt(() => response.headers.get(name));
    return typeof value === "string" ? value : undefined;
  };
  const text = await bodyText(response, signal);
  // DeleteUser says yes with an empty body.
  const body = text === "" ? text : objectText(translate ? translate(text) : text);
  const blocked = header("x-amzn-waf-action") !== undefined;
  return [status, body, header("x-amzn-ErrorType"), blocked];
}

/** The whole text of a body, or `undefined` if it is too long. */
async function bodyText(response, signal) {
  const reader = response.body?.getReader?.();
  if (!reader) {
    const text = await response.text?.();
    return typeof text === "string" && text.length <= LONGEST_BODY ? text : undefined;
  }
  const decoder = new TextDecoder();
  let text = "";
  for (let length = 0; ; ) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    length += value.length;
    if (length > LONGEST_BODY || signal.aborted) {
      // Not waited for: a stream may never end.
      reader.cancel().catch(() => {});
      return undefined;
    }
    text += decoder.decode(value, { stream: true });
  }
}

/** Without a connection from the beginning to the end: one that goes in between may have carried the request. */
const isOffline = () => globalThis.navigator?.onLine === false;

/**
 * As far as anyone can tell: a browser says the same of a refused connection and of one that
 * broke, so what may have been sent counts as sent. Node says more.
 */
function wasNotSent(error) {
  const code = attempt(() => Object.hasOwn(error, "cause") && own(error.cause).code);
  return ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN"].includes(code);
}
