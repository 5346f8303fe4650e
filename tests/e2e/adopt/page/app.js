// An app on its way from one client to another: both theirs and ours are on the page.
import * as identity from "amazon-cognito-identity-js";
import { Amplify } from "aws-amplify";
import * as auth from "aws-amplify/auth";
import { cognitoUserPoolsTokenProvider } from "aws-amplify/auth/cognito";
import { CookieStorage, defaultStorage, sessionStorage as inTab } from "aws-amplify/utils";
import { createFlow } from "cognito-flow";
import { adoptAmplifySession } from "cognito-flow/amplify";

const STORAGES = { local: defaultStorage, session: inTab, cookies: new CookieStorage() };

/** Amplify, with its tokens in one of the places it has for them. */
function amplify({ endpoint, userPoolId, clientId }, storage = "local") {
  const Cognito = { userPoolId, userPoolClientId: clientId, userPoolEndpoint: endpoint };
  Amplify.configure({ Auth: { Cognito } });
  cognitoUserPoolsTokenProvider.setKeyValueStorage(STORAGES[storage]);
  return auth;
}

/** identity-js, its callbacks as promises. */
function identityJs({ endpoint, userPoolId, clientId }, storage = "local") {
  const Storage = {
    local: localStorage,
    session: sessionStorage,
    get cookies() {
      return new identity.CookieStorage({});
    },
  }[storage];
  const Pool = new identity.CognitoUserPool({ UserPoolId: userPoolId, ClientId: clientId, endpoint, Storage });
  let user;
  return {
    signIn({ username: Username, password: Password }, code) {
      user = new identity.CognitoUser({ Username, Pool, Storage });
      const details = new identity.AuthenticationDetails({ Username, Password });
      return new Promise((onSuccess, onFailure) => {
        const callbacks = {
          onSuccess,
          onFailure,
          mfaRequired: async () => user.sendMFACode(await code(), callbacks),
        };
        user.authenticateUser(details, callbacks);
      });
    },
    /** The session that it finds, refreshed. */
    refreshed() {
      const found = Pool.getCurrentUser();
      return new Promise((done, fail) => {
        if (!found) throw new Error("nobody is signed in");
        found.getSession((error, session) => {
          if (error) return fail(error);
          found.refreshSession(session.getRefreshToken(), (error, newer) => (error ? fail(error) : done(newer.isValid())));
        });
      });
    },
    remember: () => new Promise((onSuccess, onFailure) => user.setDeviceStatusRemembered({ onSuccess, onFailure })),
  };
}

/** Ours, with what it sends. */
async function open(options) {
  const calls = [];
  const fetch = (url, init) => {
    calls.push(init.headers["x-amz-target"].split(".").at(-1));
    return globalThis.fetch(url, init);
  };
  const flow = await createFlow({ verify: { when: "never" }, storage: "local", fetch, ...options });
  // A restored session asks who it is.
  for (let wait = 0; wait < 100 && flow.snapshot().step === "signedIn" && !flow.snapshot().attributes.sub; wait += 1) {
    await new Promise((done) => setTimeout(done, 50));
  }
  return { flow, calls };
}

const adopt = (options) => adoptAmplifySession({ storage: "local", ...options });

/** What is kept of theirs, wherever. */
function theirs() {
  const names = [...Object.keys(localStorage), ...Object.keys(sessionStorage)];
  const cookies = document.cookie.split("; ").map((pair) => decodeURIComponent(pair.split("=")[0]));
  return [...names, ...cookies].filter((name) => name.startsWith("CognitoIdentityServiceProvider."));
}

/** The token with other claims: nobody can verify it any more, as nobody does in the page. */
function forged(token, change) {
  const [header, payload, signature] = token.split(".");
  const claims = { ...JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/"))), ...change };
  const text = btoa(JSON.stringify(claims)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  return [header, text, signature].join(".");
}

Object.assign(window, { amplify, identityJs, open, adopt, theirs, forged, ready: true });
