// Everything around the flow that a real deployment has elsewhere: the pool's settings, the
// messages it sent, its users, its money. Panes read `state()` and ask for changes here.
import { awsCalls } from "./aws.js";
import { clockShift, realNow, shiftClock } from "./clock.js";
import { ENDPOINT, clearEmbeddedPool } from "./embedded-pool.js";
import { local } from "./storage.js";
import {
  DEFAULTS,
  PAGE,
  PERMISSION,
  PROVIDER,
  ROLE,
  SCOPES,
  createPool,
  createRole,
  publishPolicy,
  readPool,
  trustPolicy,
  updatePool,
} from "./setup.js";

const KEY = "cognito-flow-demo.world";

/** How the page signs in, until it is chosen: the flow's own option, not the pool's. */
export const USUAL = { signInWith: "srp" };

/** What the flow and its forms are made with: they are made anew when one of these is another. */
const OF_THE_FLOW = [
  ...["signInWith", "firstFactors", "devices", "sessions", "otherSites", "sessionMinutes"],
  ...["mfa", "factors", "verify", "emailBy"],
];

/**
 * Opens the world of an embedded pool; the first time, it makes a user pool. `restart()` is called
 * when the flow has to be made anew, for another pool or other settings of it.
 */
export async function openWorld(pool) {
  const aws = awsCalls(pool.fetch, ENDPOINT);
  const reads = awsCalls(pool.read, ENDPOINT);
  const listeners = new Set();
  let restart = () => {};
  let navigate = () => {};
  let kept = JSON.parse(local.getItem(KEY) ?? "null");
  const keep = (changes) => {
    kept = { ...kept, ...changes };
    local.setItem(KEY, JSON.stringify(kept));
  };
  if (kept === null) {
    await createRole(aws);
    const made = await createPool(aws, { ...DEFAULTS, ...USUAL });
    keep({ role: "ok", lostPhones: {}, ...USUAL, ...made });
  }
  shiftClock((await reads.advance(0)) - realNow());
  let state = await readState(reads, kept);
  const loadPuzzle = ({ signInWith }) => signInWith.startsWith("custom") && pool.withPuzzle();
  await loadPuzzle(state.settings);

  const poolInUse = () => {
    const { userPoolId, clientId, signInWith, lastUsername = null } = kept;
    return { userPoolId, clientId, signInWith, lastUsername };
  };
  const redirectOptions = () => ({
    domain: new URL(ENDPOINT).host,
    redirectUri: PAGE,
    signOutUri: PAGE,
    scopes: SCOPES,
    // No real browser finds that address.
    navigate: (url) => navigate(url),
  });
  let reading = null;
  let again = false;
  const refresh = async () => {
    // One reading at a time; what changes meanwhile is read once more.
    again = reading !== null;
    if (again) return reading;
    reading = readAll();
    await reading;
    reading = null;
  };
  const readAll = async () => {
    do {
      again = false;
      const ahead = (await reads.advance(0)) - realNow();
      // A second more or less is two clocks read one after the other.
      if (Math.abs(ahead - clockShift()) > 1000) shiftClock(ahead);
      state = await readState(reads, kept);
    } while (again);
    listeners.forEach((listener) => listener());
  };
  pool.subscribe(refresh);
  window.addEventListener("storage", ({ key, newValue }) => {
    if (key !== KEY) return;
    const changed = JSON.parse(newValue);
    // Cleared, or another pool: everything here belonged to the old one.
    if (changed?.clientId !== kept.clientId) return location.reload();
    kept = changed;
    refresh();
  });

  return {
    state: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async siteBrowser() {
      const { siteBrowser } = await import("./site-browser.js");
      return siteBrowser(pool.request, new URL(ENDPOINT).origin);
    },
    onRestart: (callback) => (restart = callback),
    flowOptions: () => ({
      userPoolId: kept.userPoolId,
      clientId: kept.clientId,
      endpoint: ENDPOINT,
      sessionSeconds: state.settings.sessionMinutes * 60,
      signInWith: state.settings.signInWith,
      deviceName: `Browser on ${navigator.userAgentData?.platform || navigator.platform}`,
      ...(state.settings.otherSites ? { redirect: redirectOptions() } : {}),
    }),
    onNavigate: (callback) => (navigate = callback),
    formOptions(texts) {
      const { signInWith, firstFactors, devices, sessions, otherSites } = state.settings;
      const { mfa, factors, verify, emailBy } = state.settings;
      const isChoice = signInWith === "choice";
      const passkeys = firstFactors.includes("WEB_AUTHN");
      const parts = { factors: isChoice, passkeys, mfa: true, contact: true };
      const more = { password: true, devices: devices !== "off", sessions, delete: true };
      const account = Object.entries({ ...parts, ...more });
      return {
        policy: state.policy,
        signInWith,
        offerPasskeys: passkeys,
        lastUsername: kept.lastUsername,
        passwordless: isChoice && firstFactors.length > 1,
        required: mfa === "ON" && factors.join() === "sms" ? ["phone_number"] : [],
        confirmBy: verify.length === 0 ? "administrator" : emailBy === "CONFIRM_WITH_LINK" ? "link" : "code",
        askRemember: true,
        account: account.filter(([, has]) => has).map(([name]) => name),
        redirects: otherSites
          ? [
              { label: texts("site.provider"), provider: PROVIDER },
              { label: texts("site.managedLogin") },
            ]
          : [],
        describeChallenge: ({ question }) => texts("puzzle.question", { question }),
      };
    },

    async moveClock(seconds) {
      const now = await aws.advance(seconds);
      shiftClock(now - realNow());
    },
    /** Loses the phone of that number, or finds it again. */
    losePhone(number, isLost = true) {
      const { [number]: _, ...others } = kept.lostPhones;
      keep({ lostPhones: isLost ? { ...others, [number]: Date.now() } : others });
      return refresh();
    },
    async openLink(link) {
      return (await pool.fetch(link, { method: "GET" })).ok;
    },
    /** For the next time that the page is opened: passkeys are offered to who is known. */
    signedInAs(lastUsername) {
      if (lastUsername !== kept.lastUsername) keep({ lastUsername });
    },
    async newPool(settings) {
      await loadPuzzle(settings);
      const made = await createPool(aws, settings);
      keep({ ...made, signInWith: settings.signInWith, lastUsername: null, before: poolInUse() });
      await refresh();
      await restart();
    },
    /** Uses the pool that was used before, which is still there. */
    async poolBefore() {
      keep({ ...kept.before, before: poolInUse() });
      await refresh();
      await loadPuzzle(state.settings);
      await restart();
    },
    async changePool(settings) {
      const ofTheFlow = () => JSON.stringify(OF_THE_FLOW.map((name) => state.settings[name]));
      const before = ofTheFlow();
      await loadPuzzle(settings);
      await updatePool(aws, kept, settings);
      keep({ signInWith: settings.signInWith });
      await refresh();
      if (ofTheFlow() !== before) await restart();
    },
    startOver() {
      clearWorld();
      location.assign(location.pathname);
    },
    admin: (operation, parameters) =>
      aws.cognito(operation, { UserPoolId: kept.userPoolId, ...parameters }),

    /** `ok`; `permission`: it may not publish; `trust`: Cognito may not assume it. */
    async setRole(role) {
      const trusted = trustPolicy(role === "trust" ? "ec2.amazonaws.com" : undefined);
      await aws.iam("UpdateAssumeRolePolicy", { ...ROLE, PolicyDocument: trusted });
      await aws.iam("PutRolePolicy", { ...PERMISSION, PolicyDocument: publishPolicy() });
      if (role === "permission") await aws.iam("DeleteRolePolicy", PERMISSION);
      keep({ role });
      await refresh();
    },
    spend: (microUsd) => aws.spend(microUsd),
    /** What one message may cost, in millionths of a dollar; null for no limit. */
    setMostPerMessage: (maxPerMessage) => aws.setPrices({ ...state.prices, maxPerMessage }),
    setSpendLimit: (dollars) =>
      aws.sns("SetSMSAttributes", {
        "attributes.entry.1.key": "MonthlySpendLimit",
        "attributes.entry.1.value": dollars,
      }),
    /** Files a support case and has it granted at once, then sets the limit. */
    async raiseSpendLimit(dollars, useCase) {
      const { caseId } = await aws.support("CreateCase", {
        subject: "SMS monthly spend limit",
        serviceCode: "sns",
        communicationBody: `New limit value: ${dollars}\nUse case: ${useCase}`,
      });
      await aws.support("ResolveCase", { caseId });
      await this.setSpendLimit(dollars);
    },
  };
}

export function clearWorld() {
  clearEmbeddedPool();
  local.removeItem(KEY);
}

async function readState(reads, kept) {
  const { userPoolId, role, lostPhones, signInWith, before } = { ...USUAL, before: null, ...kept };
  const [outbox, deliveries, spending, prices, { cases }, pool, { Users }] = await Promise.all([
    reads.outbox(),
    reads.deliveries(),
    reads.spending(),
    reads.prices(),
    reads.support("DescribeCases", { includeResolvedCases: true }),
    readPool(reads, kept),
    reads.cognito("ListUsers", { UserPoolId: userPoolId }),
  ]);
  const settings = { signInWith, ...pool.settings };
  return { outbox, deliveries, spending, prices, cases, ...pool, settings, users: Users, role, lostPhones, before };
}
