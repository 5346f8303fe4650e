// Requests by `fetch`, and what came of them.
import { attempt } from "./error.js";
import { objectText, own } from "./json.js";

/** Cognito's replies are some kilobytes. What is longer is not read to its end. */
const LONGEST_BODY = 1_048_576;

/** In place of an HTTP status: nothing was sent; no answer will come. */
const NOT_SENT = -1;
const LOST = -2;
/** An answer that is nobody's: opaque, from another address, or none at all. */
const NOBODYS = [undefined, 0, undefined, false];

/**
 * `replied` is given an id, the exception that came instead of an answer, and then what the
 * machine's `reply` takes. `given` is the app's `fetch`, if it has one.
 */
export function openNetwork(given, replied) {
  const requests = new Map();
  let closed = false;

  const abort = (id) => {
    const controller = requests.get(id);
    requests.delete(id);
    controller?.abort();
  };

  return {
    async send(id, url, operation, body, keepalive) {
      if (closed) return;
      const controller = new AbortController();
      requests.set(id, controller);
      // Without a prototype, so that the browser reads no members but these.
      const init = {
        __proto__: null,
        method: "POST",
        headers: {
          __proto__: null,
          "content-type": "application/x-amz-json-1.1",
          "x-amz-target": `AWSCognitoIdentityProviderService.${operation}`,
        },
        body,
        credentials: "omit",
        cache: "no-store",
        redirect: "error",
        referrerPolicy: "no-referrer",
        signal: controller.signal,
      };
      if (keepalive) init.keepalive = true;
      const [cause, ...outcome] = await post(given ?? globalThis.fetch, url, init);
      if (requests.delete(id)) replied(cause, id, ...outcome);
    },

    abort,

    close() {
      closed = true;
      for (const id of [...requests.keys()]) abort(id);
    },
  };
}

async function post(fetch, url, init) {
  let answer;
  try {
    answer = fetch(url, init);
  } catch (cause) {
    return [cause, NOT_SENT, undefined, false];
  }
  try {
    return await read(await answer, init.signal);
  } catch (cause) {
    return [cause, wasNotSent(cause) ? NOT_SENT : LOST, undefined, false];
  }
}

/** What comes back is the app's to make: nothing of it is taken for what it should be. */
async function read(response, signal) {
  const status = response?.status;
  if (!Number.isInteger(status) || status < 100 || status > 599 || response.redirected) {
    return NOBODYS;
  }
  const header = (name) => {
    const value = attempt(() => response.headers.get(name));
    return typeof value === "string" ? value : undefined;
  };
  const text = await bodyText(response, signal);
  // DeleteUser says yes with an empty body.
  const body = text === "" ? "" : objectText(text);
  const blocked = header("x-amzn-waf-action") !== undefined;
  return [undefined, status, header("x-amzn-ErrorType"), blocked, body];
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

/**
 * As far as anyone can tell: a browser says the same of a refused connection and of one that
 * broke, so what may have been sent counts as sent. Node says more.
 */
function wasNotSent(error) {
  const cause = error instanceof Error && Object.hasOwn(error, "cause") && own(error.cause);
  const refused = ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN"].includes(cause?.code);
  return refused || globalThis.navigator?.onLine === false;
}
