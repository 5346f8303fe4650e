// Signing in on another page, of the pool's own domain or of an identity provider, and coming back:
// OAuth 2.0 with PKCE. Loaded by flows that have the option `redirect`, and by no others; it imports
// nothing, so that it is one file of its own. Who may come back, and with which tokens, is the machine's.

/** So long may somebody be away. */
const AWAY_MS = 600_000;

/** What is in the address of whoever comes back. */
const OF_RETURN = ["code", "state", "error", "error_description"];

/** Of this machine alone: nobody else reads what goes there in the clear. */
const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/;

/**
 * `key` is that of what is kept, `malformed` makes the error of an option that is not what it must be,
 * by its name and what is expected.
 */
export function openRedirect(options, clientId, key, malformed) {
  const { domain, redirectUri, signOutUri, scopes, navigate } = own(options);
  const need = (isRight, name, expected) => {
    if (!isRight) throw malformed(`redirect.${name}`, expected);
  };
  const base = addressOf(domain);
  need(base, "domain", "a host, or an https address, or http on loopback");
  need(isText(redirectUri), "redirectUri", "a string that is not empty");
  need(signOutUri == null || isText(signOutUri), "signOutUri", "a string that is not empty");
  // Without it there is no ID token that could say for whom the tokens were made.
  const areScopes = Array.isArray(scopes) && scopes.every(isText) && scopes.includes("openid");
  need(scopes == null || areScopes, "scopes", 'a list of strings, "openid" among them');
  need(navigate == null || typeof navigate === "function", "navigate", "a function");

  const name = `${key}.redirect`;
  const scope = scopes?.join(" ");
  // The app's own state, and what the person came back with.
  let app = null;
  let returned;

  const go = (path, parameters) => {
    const given = Object.entries(parameters).filter(([, value]) => value !== undefined);
    const url = `${base}${path}?${new URLSearchParams(given)}`;
    if (navigate) navigate(url);
    else location.assign(url);
  };

  return {
    /** The app's own state, after the return. */
    state: () => app,

    /** Leaves the page: to sign in, or, without a verifier, to sign out. */
    leave(to) {
      const { verifier, hash, parameters, state: app } = own(to);
      if (verifier === undefined) {
        return go("/logout", { client_id: clientId, logout_uri: signOutUri });
      }
      const [state, nonce] = [random(), random()];
      const until = Date.now() + AWAY_MS;
      const kept = JSON.stringify({ __proto__: null, state, nonce, verifier, app, until });
      sessionStorage.setItem(name, kept);
      // Whoever came back could not be told from anybody else.
      if (sessionStorage.getItem(name) !== kept) throw new Error("sessionStorage keeps nothing");
      return go("/oauth2/authorize", {
        response_type: "code",
        client_id: clientId,
        redirect_uri: redirectUri,
        scope,
        state,
        nonce,
        code_challenge: hash.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", ""),
        code_challenge_method: "S256",
        ...parameters,
      });
    },

    /**
     * What the page's address says to whoever left by this flow and is back; `undefined` if it says
     * nothing to them. It is taken out of the address, and good once.
     */
    back() {
      const query = new URLSearchParams(globalThis.location?.search);
      const state = query.get("state");
      const [code, error] = [query.get("code"), query.get("error")];
      const kept = state && (code || error) ? recordOf(name) : {};
      if (!state || kept.state !== state) return undefined;
      tried(() => sessionStorage.removeItem(name));
      cleanAddress();
      app = isText(kept.app) ? kept.app : null;
      if (error) return { error, description: query.get("error_description") ?? "" };
      // A time further away was set before the clock was set back.
      const left = kept.until - Date.now();
      if (!(left > 0 && left <= AWAY_MS)) {
        return { error: "", description: "Signing in took longer than ten minutes." };
      }
      if (![kept.verifier, kept.nonce].every(isText)) return { error: "" };
      returned = { code, verifier: kept.verifier, nonce: kept.nonce };
      return {};
    },

    /**
     * A request of the domain's: where it goes, the type of its body, its body, and what puts the reply
     * into the form of the API's. Without a refresh token it is for what the person came back with.
     */
    request(path, body) {
      const refreshToken = own(JSON.parse(body)).RefreshToken;
      const [grant, nonce] = isText(refreshToken)
        ? [{ grant_type: "refresh_token", refresh_token: refreshToken }]
        : [
            {
              grant_type: "authorization_code",
              code: returned.code,
              code_verifier: returned.verifier,
              redirect_uri: redirectUri,
            },
            returned.nonce,
          ];
      const form = new URLSearchParams({ client_id: clientId, ...grant });
      const isForUs = (claims) => nonce === undefined || claims.nonce === nonce;
      const reply = (json) => replyOf(json, isForUs);
      return [base + path, "application/x-www-form-urlencoded", String(form), reply];
    },
  };
}

/** Tokens that were made for another sign-in are left out. */
function replyOf(json, isForUs) {
  // A list, or no JSON at all, is nothing of a domain's.
  if (!/^\s*\{/.test(json)) return json;
  const reply = own(parsed(json));
  if (isText(reply.error)) {
    return JSON.stringify({ __proto__: null, __type: reply.error, message: reply.error_description });
  }
  const claims = claimsOf(reply.id_token);
  const AuthenticationResult = isForUs(claims)
    ? {
        __proto__: null,
        AccessToken: reply.access_token,
        IdToken: reply.id_token,
        RefreshToken: reply.refresh_token,
        ExpiresIn: reply.expires_in,
        Username: claims["cognito:username"],
      }
    : undefined;
  return JSON.stringify({ __proto__: null, AuthenticationResult });
}

/** What nobody can guess, fit for an address. */
const random = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
};

const own = (value) => ({ __proto__: null, ...value });
const isText = (value) => typeof value === "string" && value !== "";

/** Where the domain's endpoints are; `undefined` if it is no domain to send anybody to. */
function addressOf(domain) {
  // A browser passes over blanks, and takes a backslash for a slash.
  if (!isText(domain) || /^\/|[\s\\?#@]/.test(domain)) return undefined;
  const url = tried(() => new URL(domain.includes("://") ? domain : `https://${domain}`));
  const { protocol, hostname, origin, pathname } = url ?? own();
  if (protocol !== "https:" && !(protocol === "http:" && LOOPBACK.test(hostname))) return undefined;
  return origin + pathname.replace(/\/+$/, "");
}

/** What an action gives; `undefined` if it throws. */
function tried(action) {
  try {
    return action();
  } catch {
    // There is nothing to give.
  }
}

const parsed = (json) => tried(() => JSON.parse(json));

/** What was kept by whoever left; without members if there is nothing. */
const recordOf = (name) => own(parsed(tried(() => sessionStorage.getItem(name))));

/** Takes out what came with the return, and leaves all else as the app wrote it. */
function cleanAddress() {
  const { origin, pathname, search, hash } = location;
  const isOfTheApp = (part) => !OF_RETURN.includes(part.split("=")[0]);
  const rest = search.slice(1).split("&").filter(isOfTheApp).join("&");
  // Whole, since a path can begin like another host. Where it is not possible the code is spent all the same.
  tried(() => history.replaceState(history.state, "", origin + pathname + (rest && `?${rest}`) + hash));
}

/** The claims of a JWT, which the pool itself has just handed over by TLS: who made it is not asked. */
function claimsOf(token) {
  const text = tried(() => {
    const payload = String(token).split(".")[1];
    const binary = atob(payload.replaceAll("-", "+").replaceAll("_", "/"));
    return new TextDecoder().decode(Uint8Array.from(binary, (char) => char.charCodeAt(0)));
  });
  return own(parsed(text));
}
