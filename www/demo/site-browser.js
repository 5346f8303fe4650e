// A browser for the pages that the pool in this page serves to sign in at: they have no address that a
// real one could open. It follows redirects and keeps cookies; what leads elsewhere it hands over.

import { COOKIES } from "./embedded-pool.js";
import { local } from "./storage.js";

const MOST_REDIRECTS = 10;

/**
 * `request` is the pool's, `origin` where its pages are. `visit(url, form?)` answers the page that it
 * ends at, `{ url, html }`, or `{ elsewhere }`, an address that is not the pool's.
 */
export function siteBrowser(request, origin, storage = local) {
  const visit = async (url, form) => {
    let asked = { url: new URL(url, origin), form };
    for (let hops = 0; hops < MOST_REDIRECTS; hops += 1) {
      if (asked.url.origin !== origin) return { elsewhere: asked.url.href };
      const { headers, body } = await send(asked);
      const location = headerOf(headers, "location");
      if (location === undefined) return { url: asked.url.href, html: body };
      asked = { url: new URL(location, asked.url) };
    }
    throw new Error("Too many redirects");
  };
  const send = async ({ url, form }) => {
    const cookies = read();
    const sent = { host: url.host, cookie: cookies.map((pair) => pair.join("=")).join("; ") };
    const posted = { ...sent, origin, "content-type": "application/x-www-form-urlencoded" };
    const reply = await (form === undefined
      ? request("GET", url.pathname + url.search, sent)
      : request("POST", url.pathname + url.search, posted, form.toString()));
    keep(cookies, reply.headers);
    return reply;
  };
  const read = () => Object.entries(JSON.parse(storage.getItem(COOKIES) ?? "{}"));
  const keep = (cookies, headers) => {
    const jar = new Map(cookies);
    for (const [, header] of headers.filter(([name]) => name === "set-cookie")) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(header) ?? [];
      if (/max-age=0/i.test(header)) jar.delete(name);
      else jar.set(name, value);
    }
    storage.setItem(COOKIES, JSON.stringify(Object.fromEntries(jar)));
  };
  return { visit };
}

function headerOf(headers, wanted) {
  return headers.find(([name]) => name === wanted)?.[1];
}
