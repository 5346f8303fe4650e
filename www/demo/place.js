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

/** The query for a place. */
export function searchFor({ userPoolId, clientId, endpoint }) {
  const query = new URLSearchParams({ pool: userPoolId, client: clientId });
  if (endpoint) query.set("endpoint", endpoint);
  return `?${query}`;
}
