// Asking functions behind a URL, as pool/src/http/callback.rs does: 5 seconds, three times in all.
import { request } from "node:http";

const PATIENCE = 5000;
const TRIES = 3;
/** What Lambda allows, in bytes. */
const LONGEST = 6 << 20;

/** `{ status, error, body }`, or nothing where there was no answer. */
export async function ask({ url, event }) {
  for (let tried = 0; tried < TRIES; tried += 1) {
    const began = performance.now();
    const answer = await once(url, event).catch(() => undefined);
    if (answer !== undefined) return answer;
    // Who refuses the connection may be starting.
    const rest = 100 - (performance.now() - began);
    if (rest > 0) await new Promise((done) => setTimeout(done, rest));
  }
  return undefined;
}

function once(url, event) {
  return new Promise((done, failed) => {
    const body = Buffer.from(event);
    const headers = { "content-type": "application/json", accept: "application/json", "content-length": body.length };
    const signal = AbortSignal.timeout(PATIENCE);
    const sent = request(url, { method: "POST", headers, agent: false, signal }, (reply) => {
      const parts = [];
      let length = 0;
      reply.on("data", (part) => {
        length += part.length;
        if (length <= LONGEST) parts.push(part);
        else reply.destroy(new Error("too long"));
      });
      const error = reply.headers["x-amz-function-error"] ?? reply.headers["x-amzn-errortype"];
      reply.on("end", () => done({ status: reply.statusCode, error, body: Buffer.concat(parts).toString() }));
      // Longer than anybody may say, or broken off, is no JSON; too late is no answer.
      reply.on("error", (why) => (signal.aborted ? failed(why) : done({ status: 200, body: "" })));
    });
    sent.on("error", failed);
    sent.end(body);
  });
}
