// Which pages may call what, as in pool/src/http/cors.rs: what AWS takes without a signature is for pages
// of any origin, all else for pages of this machine, and for programs, which send no Origin.
const CLIENT_HEADERS =
  "content-type, x-amz-target, x-amz-user-agent, cache-control, amz-sdk-invocation-id, amz-sdk-request";
const SIGNING_HEADERS = "authorization, x-amz-date, x-amz-content-sha256, x-amz-security-token";
const EXPOSED_HEADERS = "x-amzn-RequestId, x-amzn-ErrorType, x-amzn-ErrorMessage, Date";
/** Endpoints of managed login that apps call from scripts; those after them are for the person to see. */
const FOR_SCRIPTS = ["/oauth2/token", "/oauth2/userInfo", "/oauth2/revoke"];
const FOR_PERSONS = [
  "/oauth2/authorize",
  "/oauth2/idpresponse",
  "/login",
  "/signup",
  "/confirm",
  "/forgotPassword",
  "/confirmForgotPassword",
  "/idp",
  "/logout",
];

/** Whether a `Host`, or what stands behind `://` in an origin, is a name of this machine. */
export function isThisMachine(host = "") {
  const name = host.replace(/:\d*$/, "").replace(/^\[|\]$/g, "").toLowerCase();
  return name === "localhost" || name.endsWith(".localhost") || name === "::1" || /^127(\.\d{1,3}){3}$/.test(name);
}

/** What of CORS is said to a request: `{ refused }`, or `{ headers, preflight }`. */
export function cors(request, { allowOrigins, isUnsigned }) {
  const { method, headers } = request;
  const path = request.url.split("?")[0];
  const audience = audienceOf(method, path, headers, isUnsigned);
  const { origin } = headers;
  const local =
    origin !== undefined &&
    (allowOrigins.includes(origin.toLowerCase()) || (origin.includes("://") && isThisMachine(origin.split("://")[1])));
  if (audience === "machine" && origin !== undefined && !local) return { refused: true };
  const said = {};
  if (origin !== undefined && audience !== "person") {
    said["access-control-allow-origin"] = audience === "machine" ? origin : "*";
    said["access-control-expose-headers"] = EXPOSED_HEADERS;
  }
  if (audience === "machine") said.vary = "origin";
  if (method !== "OPTIONS") return { headers: said };
  const allowed = [CLIENT_HEADERS];
  if (audience === "machine") allowed.push(SIGNING_HEADERS);
  if (FOR_SCRIPTS.includes(path)) allowed.push("authorization");
  said["access-control-allow-methods"] = "GET, POST, OPTIONS";
  said["access-control-allow-headers"] = allowed.join(", ");
  said["access-control-max-age"] = "172800";
  if ("access-control-request-private-network" in headers) said["access-control-allow-private-network"] = "true";
  return { headers: said, preflight: true };
}

function audienceOf(method, path, headers, isUnsigned) {
  if (FOR_SCRIPTS.includes(path)) return "everybody";
  if (FOR_PERSONS.includes(path)) return "person";
  const reads = (it) => it === "GET" || it === "HEAD";
  let everybody;
  if (path.startsWith("/_pool/")) {
    everybody = false;
  } else if (method === "OPTIONS") {
    const asked = (headers["access-control-request-headers"] ?? "").toLowerCase().split(",").map((it) => it.trim());
    const wanted = headers["access-control-request-method"] ?? "";
    const signs = SIGNING_HEADERS.split(", ").some((it) => asked.includes(it));
    everybody = reads(wanted) || (wanted === "POST" && asked.includes("x-amz-target") && !signs);
  } else {
    const target = headers["x-amz-target"];
    everybody = target === undefined ? reads(method) : isUnsigned(target.split(".").at(-1));
  }
  return everybody ? "everybody" : "machine";
}
