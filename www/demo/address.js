// The address's query names a pool elsewhere: `?pool=…&client=…`, and `endpoint=…` where it is not
// Amazon's. Without it the page uses the pool that it brings.

/** `{ userPoolId, clientId, endpoint? }`, or null for the pool in this page. */
export function placeOf(search) {
  const query = new URLSearchParams(search);
  const [userPoolId, clientId] = [query.get("pool"), query.get("client")];
  if (!userPoolId || !clientId) return null;
  const endpoint = query.get("endpoint");
  return { userPoolId, clientId, ...(endpoint ? { endpoint } : {}) };
}

/**
 * Where the flow keeps what it keeps. For an endpoint that came with a link, nowhere: nobody but who
 * wrote the link knows whose it is.
 */
export function storageFor(place) {
  return place?.endpoint ? "memory" : "local";
}

/**
 * Where a page with this query may connect, besides to its own origin: the endpoint of the pool's
 * region, or a server on this machine. It is for the page's content security policy.
 */
export function connectSources(search) {
  const place = placeOf(search);
  if (place === null) return [];
  const region = /^[a-z]{2,4}(?:-[a-z]+)+-\d{1,2}(?=_[0-9A-Za-z]+$)/.exec(place.userPoolId)?.[0];
  const suffix = region?.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  const amazon = region && `https://cognito-idp.${region}.${suffix}`;
  if (!place.endpoint) return amazon ? [amazon] : [];
  const origin = URL.canParse(place.endpoint) ? new URL(place.endpoint).origin : "";
  const isLocal = /^https?:\/\/(?:localhost|127\.0\.0\.1)(?::\d+)?$/.test(origin);
  return isLocal || origin === amazon ? [origin] : [];
}

/** The query for a place. */
export function searchFor({ userPoolId, clientId, endpoint }) {
  const query = new URLSearchParams({ pool: userPoolId, client: clientId });
  if (endpoint) query.set("endpoint", endpoint);
  return `?${query}`;
}
