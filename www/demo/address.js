// What the server of the page has to know of an address, besides what the page does.
import { placeOf } from "./place.js";

export * from "./place.js";

/**
 * Where a page with this query may connect, besides to its own origin: the endpoint of the pool's
 * region, or a server on this machine. It is for the page's content security policy.
 */
export function connectSources(search) {
  const place = placeOf(search);
  if (place === null) return [];
  const region = /^[a-z]{2,4}(?:-[a-z]+)+-\d{1,2}(?=_[0-9A-Za-z]+$)/.exec(place.userPoolId)?.[0];
  const suffix = region?.startsWith("cn-") ? "com.cn" : region?.startsWith("eusc-") ? "eu" : "com";
  const amazon = region && `https://cognito-idp.${region}.amazonaws.${suffix}`;
  if (!place.endpoint) return amazon ? [amazon] : [];
  const origin = URL.canParse(place.endpoint) ? new URL(place.endpoint).origin : "";
  const isLocal = /^https?:\/\/(?:localhost|127\.0\.0\.1)(?::\d+)?$/.test(origin);
  return isLocal || origin === amazon ? [origin] : [];
}
