// The interface as it was fixed before it was built, member by member: what is written against it
// compiles here, and what this package gives fits what it promises.
//
// Two things are more in ours, and nothing else: what is in a snapshot is read-only (it is frozen), and
// what a caller hands in may be wider (`null` from the browser's key store, a passkey as second factor).
import type * as ours from "cognito-flow";
import { createFlow } from "cognito-flow";

type Factor = "sms" | "email" | "totp";
type FirstFactor = "password" | "sms" | "email" | "passkey";
type Choice = FirstFactor | "totp";
type Passkey = { id: string; name: string | null; createdAt: number; transports: string[] };
type Device = { key: string; name: string | null; createdAt: number; lastUsedAt: number | null; current: boolean };
type UserSession = { id: string; clientId: string | null; createdAt: number; lastActiveAt: number | null; deviceType: string | null; ip: string | null; place: string | null; current: boolean };
type Delivery = { medium: "sms" | "email"; destination: string; attribute: string | null };
type TotpSecret = { secret: string; uri: string };
type Session = { accessToken: string; idToken: string; expiresAt: number };

type ErrorCode =
  | "wrongCredentials" | "codeMismatch" | "codeExpired" | "challengeExpired" | "challengeSpent"
  | "userExists" | "userNotConfirmed" | "passwordResetRequired" | "userDisabled"
  | "invalidPassword" | "invalidParameter" | "aliasExists" | "noVerifiedContact"
  | "deliveryFailed" | "smsNotConfigured" | "throttled" | "attemptLimit" | "refused" | "blocked"
  | "passkeyFailed" | "passkeyUnsupported" | "redirectFailed" | "offline" | "timeout"
  | "outcomeUnknown" | "server" | "unsupported" | "notAccepted" | "busy" | "malformed" | "disposed";
type FlowErrorData = Readonly<{ code: ErrorCode; message: string; server?: string; retryAt?: number; attribute?: string; cause?: unknown }>;

type Options = {
  userPoolId: string;
  clientId: string;
  endpoint?: string;
  fetch?: typeof fetch;
  storage?: "memory" | "session" | "local" | { getItem(key: string): string | null; setItem(key: string, value: string): void; removeItem(key: string): void };
  profile?: string;
  signInWith?: "srp" | "password" | "choice" | "custom" | "customAfterSrp";
  verify?: { attributes?: ("email" | "phone_number")[]; skippable?: boolean; when?: "afterSignUp" | "always" | "never" };
  devices?: "off" | "on";
  deviceName?: string;
  issuer?: string;
  redirect?: { domain: string; redirectUri: string; signOutUri?: string; scopes?: string[]; navigate?: (url: string) => void };
  passkeys?: { create(options?: CredentialCreationOptions): Promise<Credential>; get(options?: CredentialRequestOptions): Promise<Credential> };
  sessionSeconds?: number;
  timeoutMs?: number;
  clientMetadata?: Record<string, string>;
};

type Event = (
  | { type: "signUp"; username: string; password?: string; attributes?: Record<string, string>; validationData?: Record<string, string> }
  | { type: "confirmSignUp"; code: string; username?: string }
  | { type: "resendCode" }
  | { type: "signIn"; username: string; password?: string; preferred?: FirstFactor; autofill?: boolean; remember?: boolean }
  | { type: "submitCode"; code: string; deviceName?: string }
  | { type: "setNewPassword"; password: string; attributes?: Record<string, string> }
  | { type: "verifyAttribute"; attribute: "email" | "phone_number" }
  | { type: "skipVerification" }
  | { type: "forgotPassword"; username: string }
  | { type: "resetPassword"; code: string; password: string }
  | { type: "signOut"; everywhere?: boolean }
  | { type: "cancel" }
  | { type: "selectFactor"; choice: Choice; password?: string }
  | { type: "submitPassword"; password: string }
  | { type: "usePasskey" }
  | { type: "answerChallenge"; answer: string }
  | { type: "setUpEmail"; email: string }
  | { type: "signInWithRedirect"; provider?: string; idpIdentifier?: string; lang?: string; loginHint?: string; prompt?: string; state?: string }
) & { clientMetadata?: Record<string, string> };

type Common = { busy: Event["type"] | null; error: FlowErrorData | null; round: number };
type Steps = {
  signedOut: { step: "signedOut"; username: string | null };
  confirmSignUp: { step: "confirmSignUp"; username: string; delivery: Delivery | null; codeExpiresAt: number | null; resendAt: number | null };
  mfaCode: { step: "mfaCode"; username: string; medium: "sms" | "email" | "totp"; delivery: Delivery | null; expiresAt: number | null; canResend: boolean; resendAt: number | null };
  newPassword: { step: "newPassword"; username: string; missingAttributes: string[]; expiresAt: number | null };
  verifyAttribute: { step: "verifyAttribute"; attribute: "email" | "phone_number"; remaining: string[]; delivery: Delivery | null; codeExpiresAt: number | null; resendAt: number | null; skippable: boolean };
  resetPassword: { step: "resetPassword"; username: string; delivery: Delivery | null; codeExpiresAt: number | null; resendAt: number | null };
  signedIn: { step: "signedIn"; username: string; attributes: Record<string, string>; unverified: string[]; tokensExpireAt: number; device: "ask" | "remembered" | null };
  selectFactor: { step: "selectFactor"; username: string; of: "firstFactor" | "mfa" | "mfaSetUp"; choices: Choice[]; expiresAt: number | null };
  password: { step: "password"; username: string; alternatives: FirstFactor[]; expiresAt: number | null };
  signInCode: { step: "signInCode"; username: string; medium: "sms" | "email"; delivery: Delivery | null; alternatives: FirstFactor[]; expiresAt: number | null; canResend: boolean; resendAt: number | null };
  passkey: { step: "passkey"; username: string; alternatives: FirstFactor[]; expiresAt: number | null };
  customChallenge: { step: "customChallenge"; username: string; parameters: Record<string, string>; expiresAt: number | null };
  setUpTotp: { step: "setUpTotp"; username: string; secret: string; uri: string; expiresAt: number | null };
  setUpEmail: { step: "setUpEmail"; username: string; expiresAt: number | null };
};
type Snapshot = Steps[keyof Steps] & Common;

type Account = {
  mfaPreference(): Promise<{ enabled: Factor[]; preferred: Factor | null }>;
  setMfaPreference(p: Partial<Record<Factor, "off" | "on" | "preferred">>): Promise<void>;
  updateAttributes(a: Record<string, string>): Promise<{ unverified: string[] }>;
  deleteAttributes(names: string[]): Promise<void>;
  changePassword(current: string, next: string): Promise<void>;
  deleteUser(): Promise<void>;
  startTotp(): Promise<TotpSecret>;
  confirmTotp(code: string, options?: { deviceName?: string; as?: "on" | "preferred" | "off" }): Promise<void>;
  passkeys(): Promise<Passkey[]>;
  createPasskey(): Promise<void>;
  deletePasskey(id: string): Promise<void>;
  factors(): Promise<FirstFactor[]>;
  devices(): Promise<Device[]>;
  rememberDevice(): Promise<void>;
  forgetDevice(key?: string): Promise<void>;
  sessions(): Promise<UserSession[]>;
  endSession(id: string): Promise<void>;
};

type Flow = {
  snapshot(): Shown<Snapshot>;
  subscribe(listener: () => void): () => void;
  send(event: Event): Promise<Shown<Snapshot>>;
  accepts(type: Event["type"]): boolean;
  session(options?: { refresh?: boolean }): Promise<Session>;
  account: Account;
  redirectState(): string | null;
  dispose(): void;
  [Symbol.dispose](): void;
};

/** Frozen all the way down. */
type Shown<T> = T extends object ? { readonly [K in keyof T]: Shown<T[K]> } : T;

/** Exactly one type: each is assignable to the other, and has the same members. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : ["wider than designed", B]) : ["not as designed", A];
type SameMembers<A, B> = keyof A extends keyof B ? (keyof B extends keyof A ? true : Exclude<keyof B, keyof A>) : Exclude<keyof A, keyof B>;
/** The very same type: one member more or less, even an optional one, is another. */
type Identical<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
declare function holds<T extends true>(): T;

holds<Same<Factor, ours.Factor>>();
holds<Same<FirstFactor, ours.FirstFactor>>();
holds<Same<Choice, ours.Choice>>();
holds<Same<Passkey, ours.Passkey>>();
holds<Same<Device, ours.Device>>();
holds<Same<UserSession, ours.UserSession>>();
holds<Same<TotpSecret, ours.TotpSecret>>();
holds<Same<Session, ours.Session>>();
holds<Same<Shown<Delivery>, ours.Delivery>>();
holds<Same<ErrorCode, ours.FlowErrorCode>>();
holds<Same<FlowErrorData, ours.FlowErrorData>>();
holds<Same<Event, ours.FlowEvent>>();
holds<Same<Shown<Snapshot>, ours.Snapshot>>();

// A step at a time, so that a failure names it; what is optional or missing shows by name.
type Step<S extends keyof Steps> = Extract<ours.Snapshot, { step: S }>;
type EachStep = { [S in keyof Steps]: SameMembers<Shown<Steps[S] & Common>, Step<S>> };
holds<Same<EachStep, Record<keyof Steps, true>>>();
type EventOf<E, T> = Extract<E, { type: T }>;
type EachEvent = { [T in Event["type"]]: SameMembers<EventOf<Event, T>, EventOf<ours.FlowEvent, T>> };
holds<Same<EachEvent, Record<Event["type"], true>>>();

// What a caller hands in fits; what comes back is what was promised.
holds<SameMembers<Options, ours.FlowOptions>>();
holds<SameMembers<Account, ours.Account>>();
holds<SameMembers<Flow, ours.Flow>>();
holds<SameMembers<NonNullable<Options["redirect"]>, ours.RedirectOptions>>();
holds<Same<Options["redirect"], ours.FlowOptions["redirect"]>>();
holds<Same<Options["storage"], ours.FlowOptions["storage"]>>();
holds<Same<Options["verify"], ours.FlowOptions["verify"]>>();
export const asDesigned = (options: Options): ours.FlowOptions => options;
export const account = (made: ours.Account): Account => made;
export const flow = (made: ours.Flow): Flow => made;
export const made: Promise<Flow> = createFlow(asDesigned({ userPoolId: "eu-west-1_AbCdEfGhI", clientId: "1" }));
export const data = (error: ours.FlowError): FlowErrorData & Error => error;
// The other way for all that is not wider: whoever stands in for a flow in a test.
type Narrow<T, K extends keyof T> = Omit<T, K>;
export const stub = (flow: Flow): Narrow<ours.Flow, "account"> => flow;
export const stubbed = (account: Account): Narrow<ours.Account, "setMfaPreference"> => account;
holds<Same<Narrow<Options, "passkeys">, Narrow<ours.FlowOptions, "passkeys">>>();
// By each function what is handed in, to its last optional member.
type Calls<T> = { [K in keyof T]: T[K] extends (...given: infer P) => unknown ? P : never };
type EachCall<D, O> = { [K in keyof D & keyof O]: Identical<Calls<D>[K], Calls<O>[K]> };
type AccountCalls = EachCall<Account, Narrow<ours.Account, "setMfaPreference">>;
holds<Same<AccountCalls, Record<Exclude<keyof Account, "setMfaPreference">, true>>>();
holds<Identical<Parameters<Flow["session"]>, Parameters<ours.Flow["session"]>>>();
