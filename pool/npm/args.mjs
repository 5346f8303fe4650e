// The command line: that of the native program, without what Node cannot do.
import { parseArgs } from "node:util";

export const HELP = `cognito-pool: a local Amazon Cognito user pool over HTTP, for development and tests.

Usage: cognito-pool [OPTIONS]

The pool as WebAssembly, run by Node. The native program (cargo install cognito-pool) has the same
options and more: --data, --sms-limit, and descriptions in TOML. Here everything is in memory.

Where
  --listen ADDRESS     where to listen (127.0.0.1:9229; port 0 for a free one)
  --endpoint URL       where clients reach the server (http://ADDRESS)
  --issuer URL         the base of the tokens' issuer (the endpoint)
  --region REGION      the region that ids and ARNs begin with (eu-west-1)

What it holds
  --pool FILE          a user pool to create, described in JSON; may be repeated
                       (without it: one pool with optional MFA and one app client)
  --key FILE           the RSA key that signs tokens, PKCS #8 PEM; made if it is not there
                       (without it: a new one at every start)

For tests
  --seed NUMBER        random bytes that follow from NUMBER, and the development key
  --clock MS           a clock that stands at MS milliseconds since the epoch and moves by
                       POST /_pool/clock alone

Functions
  --trigger NAME=URL   call a function (PreSignUp, CustomMessage, ...) by a POST of its event to URL,
                       which answers the event with its response filled in; may be repeated
  --lambda-endpoint URL
                       call the functions whose ARNs are in a pool's LambdaConfig by Lambda's Invoke
                       at URL; they win over --trigger

Who may do what
  --control            answer /_pool/ (outbox with every code, clock) also beyond loopback
  --allow-origin ORIGIN
                       pages of ORIGIN may do what pages of this machine may; may be repeated

How strict it is
  --strict-sms         answer CodeDeliveryFailureException when an SMS was dropped
  --guide-2017         refuse required MFA at creation without a required email or phone number
  --requests-per-second N
                       throttle each app client to N requests a second
  --client-timeout S   seconds that a client may take to send a request (10)

Others
  --log FORMAT         text, json or off (text)
  --help, --version
`;

/** The functions that there are, as the native program has them. */
export const NAMES = [
  "PreSignUp",
  "PostConfirmation",
  "PreAuthentication",
  "PostAuthentication",
  "PreTokenGeneration",
  "CustomMessage",
  "UserMigration",
  "DefineAuthChallenge",
  "CreateAuthChallenge",
  "VerifyAuthChallengeResponse",
];

/** A command line that is wrong: the message says how. */
export class ArgsError extends Error {}

const one = { type: "string" };
const many = { type: "string", multiple: true, default: [] };
const flag = { type: "boolean", default: false };

export function readArgs(line) {
  let given;
  try {
    const options = {
      listen: { ...one, default: "127.0.0.1:9229" },
      pool: many,
      data: one,
      region: { ...one, default: "eu-west-1" },
      endpoint: one,
      issuer: one,
      key: one,
      seed: one,
      clock: one,
      control: flag,
      "allow-origin": many,
      trigger: many,
      "lambda-endpoint": one,
      "sms-limit": one,
      "strict-sms": flag,
      "guide-2017": flag,
      "requests-per-second": one,
      "client-timeout": { ...one, default: "10" },
      log: { ...one, default: "text" },
    };
    given = parseArgs({ args: line, options }).values;
  } catch (error) {
    throw new ArgsError(error.message);
  }
  for (const name of ["data", "sms-limit"]) {
    if (given[name] === undefined) continue;
    throw new ArgsError(`--${name} is an option of the native program (cargo install cognito-pool), not of this one`);
  }
  for (const path of given.pool) {
    if (!/\.toml$/i.test(path)) continue;
    throw new ArgsError(`${path}: TOML is read by the native program (cargo install cognito-pool); here descriptions are JSON`);
  }
  if (!["text", "json", "off"].includes(given.log)) {
    throw new ArgsError(`--log is text, json or off, not '${given.log}'`);
  }
  const listen = /^(?:\[([0-9a-f:]+)\]|([^:[\]]+)):(\d{1,5})$/i.exec(given.listen);
  if (!listen) throw new ArgsError(`--listen is ADDRESS:PORT, not '${given.listen}'`);
  const url = (name) => {
    const text = given[name];
    if (text === undefined || /^https?:\/\//.test(text)) return text?.replace(/\/+$/, "");
    throw new ArgsError(`'${text}' does not begin with http:// or https://`);
  };
  for (const text of given["allow-origin"]) {
    if (/^[^/]+:\/\/[^/*?#@]+$/.test(text)) continue;
    throw new ArgsError(`--allow-origin is an origin like https://admin.example, not '${text}'`);
  }
  return {
    host: listen[1] ?? listen[2],
    port: whole("listen", listen[3], 65_535),
    pools: given.pool,
    region: given.region,
    endpoint: url("endpoint"),
    issuer: url("issuer"),
    key: given.key,
    seed: whole("seed", given.seed),
    clock: whole("clock", given.clock),
    control: given.control,
    allowOrigins: given["allow-origin"].map((it) => it.toLowerCase()),
    triggers: Object.fromEntries(given.trigger.map(trigger)),
    lambdaEndpoint: plain("--lambda-endpoint", url("lambda-endpoint")),
    strictSms: given["strict-sms"],
    guide2017: given["guide-2017"],
    requestsPerSecond: whole("requests-per-second", given["requests-per-second"], 2 ** 32 - 1),
    clientTimeout: Math.min(Math.max(whole("client-timeout", given["client-timeout"]), 1), 3600),
    log: given.log,
  };
}

function whole(name, text, most = Number.MAX_SAFE_INTEGER) {
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text) && Number(text) <= most) return Number(text);
  throw new ArgsError(`--${name}: '${text}' is not a whole number up to ${most}`);
}

function trigger(text) {
  const [name, ...rest] = text.split("=");
  if (!NAMES.includes(name)) {
    throw new ArgsError(`--trigger is NAME=URL, NAME one of ${NAMES.join(", ")}, not '${text}'`);
  }
  return [name, plain("--trigger", rest.join("="))];
}

/** A URL that is called without TLS, as by the native program. */
function plain(option, text) {
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "http:" && url.username === "" && url.password === "") return text;
  throw new ArgsError(`${option} takes a URL like http://127.0.0.1:3000/path, without TLS and password, not '${text}'`);
}
