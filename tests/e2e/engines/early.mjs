// What a page runs before anything of its own, where the engine has no way to add it: the server of the
// tests puts it into the page.
import { readFileSync } from "node:fs";

/** A classic script; empty where the engine adds what it must by itself. */
let script = "";

export function runEarly(text) {
  script = text;
}

/** A page with that script in it. */
export function withEarly(html) {
  return script ? html.replace("</title>", '</title><script src="/early.js"></script>') : html;
}

/**
 * Answers for the page of `file`, and for that script. What the query says of the page's policy is done:
 * `trusted-types`, the policies that it may make, and `frames`, that it may have its own pages in frames.
 */
export function earlyAnswers(file) {
  const html = readFileSync(file, "utf8");
  const page = (request, response) => {
    const { searchParams } = new URL(request.url, "http://page");
    let policy = response.getHeader("content-security-policy");
    const trusted = searchParams.get("trusted-types");
    if (trusted) policy = policy.replace("trusted-types 'none'", `trusted-types ${trusted}`);
    if (searchParams.has("frames")) policy = policy.replace("frame-ancestors 'none'", "frame-src 'self'");
    response.setHeader("content-security-policy", policy);
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.end(withEarly(html));
  };
  const early = (_request, response) => {
    response.setHeader("content-type", "text/javascript; charset=utf-8");
    response.end(script);
  };
  return { "/": page, "/index.html": page, "/early.js": early };
}
