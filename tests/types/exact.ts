// What the declarations refuse. Each line would compile if they were any looser.
import { createFlow, FlowError } from "cognito-flow";
import { connectFlow, serveFlow, FlowError as OfWorker } from "cognito-flow/worker";
import { adoptAmplifySession } from "cognito-flow/amplify";
import type { Adopted, AdoptOptions } from "cognito-flow/amplify";
import type {
  FirstFactor,
  Flow,
  FlowEvent,
  FlowOptions,
  Passkey,
  Session,
  Snapshot,
  TotpSecret,
  UserSession,
} from "cognito-flow";

declare const flow: Flow;
declare const snapshot: Snapshot;

// Options
export const options: FlowOptions = { userPoolId: "eu-west-1_AbCdEfGhI", clientId: "1example" };
// @ts-expect-error: a client id is needed
export const noClient: FlowOptions = { userPoolId: "eu-west-1_AbCdEfGhI" };
// @ts-expect-error: not a way to sign in
export const wrongWay: FlowOptions = { ...options, signInWith: "magic" };
// @ts-expect-error: not a storage
export const wrongStorage: FlowOptions = { ...options, storage: "cookie" };
export const ownStorage: FlowOptions = {
  ...options,
  storage: { getItem: (key) => key, setItem: (_key, _value) => {}, removeItem: () => {} },
};
export const ownPasskeys: FlowOptions = {
  ...options,
  passkeys: { create: async () => null, get: async (options) => (options?.signal?.aborted ? null : null) },
};
// @ts-expect-error: both are needed
export const halfPasskeys: FlowOptions = { ...options, passkeys: { get: async () => null } };
// @ts-expect-error: name and address are not verified by code
export const wrongAttribute: FlowOptions = { ...options, verify: { attributes: ["name"] } };

// Events
export const signIn: FlowEvent = { type: "signIn", username: "ada", password: "secret" };
// The pool may let the person choose.
export const noPassword: FlowEvent = { type: "signIn", username: "ada" };
// @ts-expect-error: a name is needed
export const noName: FlowEvent = { type: "signIn", password: "secret" };
// @ts-expect-error: a code is text, its leading zeros count
export const numericCode: FlowEvent = { type: "submitCode", code: 123456 };
// @ts-expect-error: no such event
export const unknownEvent: FlowEvent = { type: "logIn", username: "ada", password: "secret" };

// Snapshots
// @ts-expect-error: only "mfaCode" has an expiry
export const unnarrowed: unknown = snapshot.canResend;
// @ts-expect-error: snapshots are read-only
snapshot.busy = null;
if (snapshot.step === "signedIn") {
  // @ts-expect-error: so is what is in them
  snapshot.attributes["email"] = "";
  // @ts-expect-error: there is no delivery any more
  snapshot.delivery;
}
if (snapshot.step === "mfaCode") {
  const medium: "sms" | "email" | "totp" = snapshot.medium;
  // @ts-expect-error: it may be unknown
  const expires: number = snapshot.expiresAt;
  void [medium, expires];
}

if (snapshot.step === "selectFactor") {
  // @ts-expect-error: what is chosen is not asked for here
  snapshot.alternatives;
}
if (["signInCode", "password", "passkey"].includes(snapshot.step) && "alternatives" in snapshot) {
  const alternatives: readonly ("password" | "sms" | "email" | "passkey")[] = snapshot.alternatives;
  // @ts-expect-error: an authenticator is only ever a second factor
  alternatives.includes("totp");
}
export const chosen: FlowEvent = { type: "selectFactor", choice: "totp" };
// @ts-expect-error: not a choice
export const wrongChoice: FlowEvent = { type: "selectFactor", choice: "carrierPigeon" };

// Results
export const made: Promise<Flow> = createFlow(options);
export const settled: Promise<Snapshot> = flow.send(signIn);
export const tokens: Promise<Session> = flow.session();
export const stop: () => void = flow.subscribe(() => {});
// @ts-expect-error: an event's type, not any text
flow.accepts("logIn");
// @ts-expect-error: neither on nor off
void flow.account.setMfaPreference({ sms: "maybe" });
export const secret: Promise<TotpSecret> = flow.account.startTotp();
export const enrolled: Promise<void> = flow.account.confirmTotp("123456", { as: "preferred" });
// @ts-expect-error: a code is text
void flow.account.confirmTotp(123456);
// @ts-expect-error: not a factor
void flow.account.setMfaPreference({ carrierPigeon: "on" });
void flow.account.setMfaPreference({ passkey: "on", totp: "preferred" });
// @ts-expect-error: a passkey is never the preferred factor
void flow.account.setMfaPreference({ passkey: "preferred" });
export const passkeys: Promise<Passkey[]> = flow.account.passkeys();
export const created: Promise<void> = flow.account.createPasskey();
// @ts-expect-error: which one is to be said
void flow.account.deletePasskey();
export const changed: Promise<{ unverified: string[] }> = flow.account.updateAttributes({});
export const left: Promise<void> = flow.account.deleteUser();
export const begins: Promise<FirstFactor[]> = flow.account.factors();
export const where: Promise<UserSession[]> = flow.account.sessions();
export const appState: string | null = flow.redirectState();
export const redirected: FlowOptions = {
  ...options,
  profile: "work",
  redirect: { domain: "auth.example.com", redirectUri: "https://app.example/", scopes: ["openid"] },
};
// @ts-expect-error: where people come back to must be said
export const noWayBack: FlowOptions = { ...options, redirect: { domain: "auth.example.com" } };
export const ended: Promise<void> = flow.account.endSession("tkn1");
// @ts-expect-error: which session must be said
void flow.account.endSession();
export function explain(error: unknown): string {
  if (!(error instanceof FlowError)) return "not ours";
  const at: number | undefined = error.retryAt;
  // @ts-expect-error: there is no such code
  if (error.code === "oops") return "";
  return `${error.code} ${error.server ?? ""} ${at ?? ""} ${error.stack ?? ""}`;
}

// Moving over
export const adopt: AdoptOptions = { ...options, storage: "local", from: ["local", "cookies"], remove: true };
export const adopted: Promise<Adopted> = adoptAmplifySession(adopt);
// @ts-expect-error: in memory nothing is adopted
export const intoMemory: AdoptOptions = { ...options, storage: "memory" };
// @ts-expect-error: where the flow keeps its session must be said
export const intoNothing: AdoptOptions = options;
// @ts-expect-error: no such place
export const fromNowhere: AdoptOptions = { ...adopt, from: "disk" };

// In a worker
export const served: void = serveFlow(createFlow(options));
export const connected: Promise<Flow> = connectFlow(new Worker("worker.js", { type: "module" }));
export const shared: Promise<Flow> = connectFlow(new SharedWorker("worker.js").port);
export const isOfWorker = (error: unknown): boolean => error instanceof OfWorker && error.code === "busy";
// @ts-expect-error: a flow is served, not its options
serveFlow(options);
