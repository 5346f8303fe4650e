// Moving over: the session that AWS Amplify v6 or amazon-cognito-identity-js keeps becomes one of
// ours. A file of its own, which nothing else loads. It writes the two records that the machine reads
// (src/flow/record.rs), and is built for the version that they have there.

/** Of whom theirs are. */
const PREFIX = "CognitoIdentityServiceProvider";
/** What belongs to one user of theirs, besides the device. */
const OF_SESSION = [
  "accessToken",
  "idToken",
  "refreshToken",
  "clockDrift",
  "signInDetails",
  "oauthMetadata",
  "userData",
];
const OF_DEVICE = ["deviceKey", "deviceGroupKey", "randomPasswordKey"];
/** What else the machine refuses to read: a longer token, a longer life, a longer key, more devices. */
const LONGEST_TOKEN = 65_536;
const LONGEST_LIFE_S = 864_000;
const LONGEST_KEY = 128;
const MOST_DEVICES = 16;

const SOURCES = ["local", "session", "cookies"];

export async function adoptAmplifySession(options) {
  const { userPoolId, clientId, endpoint, storage, profile, devices, from, remove, cookie } = own(options);
  const region = isText(userPoolId) && /^([\w-]+)_[^_]+$/.exec(userPoolId)?.[1];
  need(region, "userPoolId", 'as "eu-west-1_AbCdEfGhI"');
  need(isText(clientId), "clientId", "a string that is not empty");
  need(endpoint == null || isText(endpoint), "endpoint", "a string that is not empty");
  need(profile == null || typeof profile === "string", "profile", "a string");
  need(storage === "local" || storage === "session" || isStorage(storage), "storage",
    '"local", "session" or an object like localStorage, as that of the flow: in memory nothing is adopted');
  const sources = from == null ? SOURCES : Array.isArray(from) ? from : [from];
  need(sources.every((one) => SOURCES.includes(one) || isStorage(one)), "from",
    '"local", "session", "cookies", an object like localStorage, or a list of them');

  const key = `cognito-flow.${userPoolId}.${clientId}${profile ? `/${profile}` : ""}`;
  const suffix = region.startsWith("cn-") ? "com.cn" : region.startsWith("eusc-") ? "eu" : "com";
  const owner = {
    version: RECORD_VERSION,
    pool: userPoolId,
    client: clientId,
    endpoint: endpoint ?? `https://cognito-idp.${region}.amazonaws.${suffix}/`,
  };
  const theirs = await Promise.all(sources.map((one) => read(one, clientId, own(cookie))));
  // Nothing is waited for from here on: what is seen of ours stays so until it is written.
  const ours = openOurs(storage, key, owner);
  const taken = devices === "off" ? 0 : adoptDevices(ours, theirs);
  const found = newest(theirs);
  if (!found) return { session: "none", username: null, devices: taken };

  const { session, users } = found;
  const before = ours.read("adopted");
  // Whoever has signed out since is not signed in again by what was left of theirs.
  const isKnown = before?.id === session.id && session.issued <= before.issued;
  let outcome = "present";
  if (!ours.isSignedIn()) outcome = isKnown ? "none" : adopt(ours, session);
  const isOurs = outcome === "adopted" || before?.id === session.id;
  if (remove === true && isOurs) {
    // Whose session it is comes first.
    const [{ device }] = users;
    await found.remove(session.name, device && devicesOf(ours).some((one) => one?.key === device.key));
  }
  return { session: outcome, username: outcome === "adopted" ? session.record.username : null, devices: taken };
}

function adopt(ours, { id, issued, record }) {
  // First what says that it was done: done twice, it could sign in whoever has signed out.
  const isKept = ours.write("adopted", { id, issued }) && ours.write("session", { id, ...record });
  if (isKept) return "adopted";
  ours.erase("session");
  ours.erase("adopted");
  return "notKept";
}

/** Those that ours has. */
function devicesOf(ours) {
  const { devices } = own(ours.read("devices"));
  return Array.isArray(devices) ? devices : [];
}

/** Puts theirs beside ours, of which none is replaced. */
function adoptDevices(ours, theirs) {
  if (!ours.read("devices") && ours.isAnothers("devices")) return 0;
  const kept = devicesOf(ours);
  const isNew = ({ key, userId, typed }) =>
    !kept.some((one) => one?.key === key || one?.userId === userId || one?.userId === typed || one?.typed === typed);
  const added = [];
  for (const device of theirs.flatMap(({ users }) => users).map(({ device }) => device)) {
    if (device && isNew(device) && !added.some(({ key, userId }) => key === device.key || userId === device.userId)) {
      added.push(device);
    }
  }
  const room = added.slice(0, Math.max(0, MOST_DEVICES - kept.length));
  return room.length > 0 && ours.write("devices", { devices: [...kept, ...room] }) ? room.length : 0;
}

/** The one whose tokens are the latest, where there are several. */
function newest(theirs) {
  const found = theirs.filter(({ session }) => session);
  return found.sort((a, b) => b.session.issued - a.session.issued)[0];
}

/** What one storage of theirs holds of this app client: nothing where there is none. */
async function read(from, clientId, cookie) {
  const source = open(from, cookie);
  const base = `${PREFIX}.${clientId}.`;
  const get = async (name) => {
    const value = await attempt(() => source.get(base + name));
    return isText(value) && value.length <= LONGEST_TOKEN ? value : undefined;
  };
  const last = await get("LastAuthUser");
  const names = new Set();
  if (last !== undefined) names.add(last);
  const keys = await attempt(() => source.keys());
  keys?.forEach((key) => {
    if (key.startsWith(base) && key.endsWith(".deviceKey")) {
      names.add(key.slice(base.length, -".deviceKey".length));
    }
  });
  const userOf = async (name) => {
    const kept = {};
    // The session of the last one alone is looked at.
    for (const member of name === last ? [...OF_SESSION, ...OF_DEVICE] : OF_DEVICE) {
      kept[member] = await get(`${name}.${member}`);
    }
    const session = sessionOf(name, kept, clientId, isTrue(kept.oauthMetadata, await get("oauthSignIn")));
    return { session, device: deviceOf(name, kept, session?.record) };
  };
  const users = await Promise.all([...names].map(userOf));
  return {
    users,
    session: users[0]?.session,
    /** Takes away what belongs to this user, and who was the last one. */
    async remove(name, withDevice) {
      const members = withDevice ? [...OF_SESSION, ...OF_DEVICE] : OF_SESSION;
      for (const one of [...members.map((member) => `${name}.${member}`), "LastAuthUser", "oauthSignIn"]) {
        await attempt(() => source.remove(base + one));
      }
    },
  };
}

/** Their session as ours, if it is whole, and this app client's, and one person's. */
function sessionOf(name, kept, clientId, isRedirected) {
  const [access, id] = [claimsOf(kept.accessToken), claimsOf(kept.idToken)];
  if (!access || !id) return undefined;
  if (access.client_id !== clientId || id.aud !== clientId) return undefined;
  if (!isText(access.sub) || access.sub !== id.sub) return undefined;
  const { exp, iat } = access;
  if (!Number.isFinite(exp) || !Number.isFinite(iat)) return undefined;
  const life = exp - iat;
  if (!(life >= 1 && life <= LONGEST_LIFE_S)) return undefined;
  if (kept.refreshToken === undefined && exp * 1000 <= Date.now()) return undefined;
  const userId = isText(access.username) ? access.username : name;
  const typed = typedName(kept.signInDetails) ?? name;
  return {
    name,
    issued: iat,
    // The same in every tab, and after each refresh.
    id: isText(access.origin_jti) ? access.origin_jti : `${access.sub} ${access.auth_time}`,
    record: {
      username: typed,
      userId,
      phoneProven: false,
      accessToken: kept.accessToken,
      idToken: kept.idToken,
      refreshToken: kept.refreshToken,
      expiresAt: exp * 1000,
      lifetime: life * 1000,
      // How this pool refreshes is found out by the first refresh.
      rotates: false,
      fromRedirect: isRedirected,
      stale: false,
      inTab: false,
      // The pool wants to hear of the device that the tokens are for.
      deviceKey: keyOf(access.device_key) ?? keyOf(kept.deviceKey),
      deviceAsks: false,
    },
  };
}

function deviceOf(name, kept, record) {
  const [key, group] = [keyOf(kept.deviceKey), keyOf(kept.deviceGroupKey)];
  const secret = kept.randomPasswordKey;
  if (!key || !group || !secret) return undefined;
  return { userId: record?.userId ?? name, typed: record?.username ?? name, key, group, secret };
}

const keyOf = (value) => (isText(value) && value.length <= LONGEST_KEY ? value : undefined);

/** What the person typed, where Amplify has kept that. */
function typedName(details) {
  const { loginId } = own(parse(details));
  return isText(loginId) ? loginId : undefined;
}

const isTrue = (metadata, signIn) =>
  own(parse(metadata)).oauthSignIn === true || signIn?.startsWith("true") === true;

/** What a token says. Nobody verifies it here: the pool will. */
function claimsOf(token) {
  const parts = token?.split(".");
  if (parts?.length !== 3) return undefined;
  try {
    const bytes = atob(parts[1].replaceAll("-", "+").replaceAll("_", "/"));
    const text = new TextDecoder().decode(Uint8Array.from(bytes, (one) => one.charCodeAt(0)));
    const claims = JSON.parse(text);
    return isObject(claims) ? own(claims) : undefined;
  } catch {
    // There is nothing to give.
  }
}

/** The records of ours, where a flow with the same options will look for them. */
function openOurs(storage, key, owner) {
  const area = typeof storage === "string" ? builtIn(storage) : storage;
  const get = (name) => {
    const value = tried(() => area.getItem(`${key}.${name}`));
    return isText(value) ? value : undefined;
  };
  const isOwn = (record, names) => names.every((name) => record[name] === owner[name]);
  /** One that no flow would read is none. */
  const of = (text, names) => {
    const record = own(parse(text));
    return isOwn(record, names) ? record : undefined;
  };
  const ours = {
    read: (name) => of(get(name), Object.keys(owner)),
    /** One of a flow with another endpoint is nobody's to replace. */
    isAnothers: (name) => of(get(name), ["version", "pool", "client"]) !== undefined,
    isSignedIn() {
      const ofTab = storage === "local" ? tried(() => sessionStorage.getItem(`${key}.tabSession`)) : undefined;
      return ours.isAnothers("session") || of(ofTab, ["version", "pool", "client"]) !== undefined;
    },
    /** A write counts when it reads back. */
    write(name, members) {
      const text = JSON.stringify({ ...owner, ...members });
      tried(() => area.setItem(`${key}.${name}`, text));
      return get(name) === text;
    },
    erase: (name) => void tried(() => area.removeItem(`${key}.${name}`)),
  };
  return ours;
}

/** A storage of theirs; `undefined` where there is none. */
function open(from, cookie) {
  if (from === "cookies") return cookies(cookie);
  const area = typeof from === "string" ? builtIn(from) : from;
  return area && {
    get: (key) => area.getItem(key),
    keys: () => Object.keys(area),
    remove: (key) => area.removeItem(key),
  };
}

/** Cookies as js-cookie writes them, which both of theirs use. What is not there throws. */
function cookies({ path = "/", domain }) {
  const decode = (text) => tried(() => decodeURIComponent(text)) ?? text;
  const pairs = () =>
    document.cookie.split("; ").map((pair) => {
      const at = pair.indexOf("=");
      return [pair.slice(0, at), pair.slice(at + 1)];
    });
  const find = (key) => pairs().find(([name]) => decode(name) === key);
  return {
    get: (key) => decode(find(key)[1]),
    keys: () => pairs().map(([name]) => decode(name)),
    remove(key) {
      const [name] = find(key);
      const where = `; path=${path}${domain ? `; domain=${domain}` : ""}`;
      document.cookie = `${name}=; max-age=0${where}${location.protocol === "https:" ? "; secure" : ""}`;
    },
  };
}

/** Where it is forbidden, looking at it throws. */
const builtIn = (kind) => tried(() => globalThis[`${kind}Storage`]) ?? undefined;

function need(isRight, name, expected) {
  if (!isRight) throw new TypeError(`\`${name}\` of the options must be ${expected}.`);
}

const isText = (value) => typeof value === "string" && value !== "";
const isObject = (value) => typeof value === "object" && value !== null;
const isStorage = (value) =>
  isObject(value) && ["getItem", "setItem", "removeItem"].every((name) => typeof value[name] === "function");

/** A copy with the own members of a value alone; of what is no object there are none. */
const own = (value) => ({ __proto__: null, ...(isObject(value) ? value : undefined) });

const parse = (text) => tried(() => JSON.parse(text));

/** What an action gives; `undefined` if it throws. */
function tried(action) {
  try {
    return action();
  } catch {
    // There is nothing to give.
  }
}

/** The same of one that may be waited for. */
async function attempt(action) {
  try {
    return await action();
  } catch {
    // There is nothing to give.
  }
}
