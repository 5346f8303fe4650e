// Requests by `fetch`, and what came of them.
import { malformedOption } from "./error.js";
import { parseObject } from "./json.js";

/** Cognito's replies are some kilobytes. What is longer is not parsed. */
const LONGEST_BODY = 1_048_576;

/** In place of an HTTP status: nothing was sent; no answer will come. */
const NOT_SENT = [-1];
const LOST = [-2];

/** `replied` is given an id, a status, the exception's name in the headers, and the body. */
export function openNetwork(options, replied) {
  const own = options?.fetch ?? undefined;
  if (own !== undefined && typeof own !== "function") throw malformedOption("fetch", "a function");
  const requests = new Map();

  return {
    async send(id, url, operation, body, keepalive) {
      const controller = new AbortController();
      requests.set(id, controller);
      const outcome = await post(own ?? globalThis.fetch, url, {
        method: "POST",
        headers: {
          "content-type": "application/x-amz-json-1.1",
          "x-amz-target": `AWSCognitoIdentityProviderService.${operation}`,
        },
        body,
        credentials: "omit",
        cache: "no-store",
        redirect: "error",
        referrerPolicy: "no-referrer",
        ...(keepalive && { keepalive }),
        signal: controller.signal,
      });
      if (requests.delete(id)) replied(id, ...outcome);
    },

    abort(id) {
      const controller = requests.get(id);
      requests.delete(id);
      controller?.abort();
    },

    abortAll() {
      for (const id of [...requests.keys()]) this.abort(id);
    },
  };
}

async function post(fetch, url, init) {
  let answer;
  try {
    answer = fetch(url, init);
  } catch {
    return NOT_SENT;
  }
  try {
    const response = await answer;
    const errorType = response?.headers?.get?.("x-amzn-ErrorType");
    const text = await response?.text?.();
    const sane = typeof text === "string" && text.length <= LONGEST_BODY;
    // DeleteUser says yes with an empty body.
    return [response?.status | 0, errorType ?? undefined, sane ? parseObject(text || "{}") : undefined];
  } catch (error) {
    return wasNotSent(error) ? NOT_SENT : LOST;
  }
}

/**
 * As far as anyone can tell: a browser says the same of a refused connection and of one that
 * broke, so what may have been sent counts as sent. Node says more.
 */
function wasNotSent(error) {
  const refused = ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN"].includes(error?.cause?.code);
  return refused || globalThis.navigator?.onLine === false;
}
