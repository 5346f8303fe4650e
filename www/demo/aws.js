// The calls by which an administrator sets up a user pool and its account: Cognito's JSON protocol,
// IAM's and SNS's query protocol, Support's JSON protocol. Unsigned, as the local pool takes them.

/** A refusal, with the exception's name. */
export class Refused extends Error {
  constructor(name, message) {
    super(message);
    this.name = name;
  }
}

/** Everything over one fetch-shaped function and the endpoint that it knows. */
export function awsCalls(fetch, endpoint) {
  const posted = async (headers, body) => {
    const response = await fetch(endpoint, { method: "POST", headers, body });
    return [response.ok, await response.text()];
  };
  const json = async (target, body) => {
    const headers = { "content-type": "application/x-amz-json-1.1", "x-amz-target": target };
    const [ok, text] = await posted(headers, JSON.stringify(body));
    const reply = JSON.parse(text || "{}");
    if (!ok) throw new Refused(reply.__type ?? "Error", reply.message ?? reply.Message ?? "");
    return reply;
  };
  const query = async (version, action, parameters) => {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const body = new URLSearchParams({ Action: action, Version: version, ...parameters });
    const [ok, reply] = await posted(headers, body.toString());
    if (!ok) throw new Refused(inside(reply, "Code"), inside(reply, "Message"));
    return reply;
  };
  const control = async (path, options) => {
    const response = await fetch(new URL(`/_pool/${path}`, endpoint).href, options);
    const reply = await response.json();
    if (!response.ok) throw new Refused("Error", reply.message);
    return reply;
  };
  const post = (path, body) => control(path, { method: "POST", body: JSON.stringify(body) });
  return {
    cognito: (operation, body = {}) => json(`AWSCognitoIdentityProviderService.${operation}`, body),
    support: (operation, body = {}) => json(`AWSSupport_20130415.${operation}`, body),
    iam: (action, parameters) => query("2010-05-08", action, parameters),
    sns: (action, parameters) => query("2010-03-31", action, parameters),
    outbox: () => control("outbox"),
    deliveries: () => control("deliveries"),
    spending: () => control("spending"),
    prices: () => control("prices"),
    setPrices: (prices) => post("prices", prices),
    /** As if messages of that cost had been sent. */
    spend: (microUsd) => post("spending", { microUsd }),
    /** Moves the pool's clock on; answers with its time. */
    advance: async (seconds) => (await post("clock", { advanceSeconds: seconds })).now,
  };
}

/** The text of an XML element. A parser would be a Trusted Types sink, and this is our own XML. */
function inside(xml, tag) {
  return new RegExp(`<${tag}>([^<]*)</${tag}>`).exec(xml)?.[1] ?? "";
}
