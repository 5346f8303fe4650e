/// <reference lib="esnext.disposable" />
/**
 * Signing up and signing in against Amazon Cognito user pools, as one typed state machine.
 *
 * These are the declarations of `cognito-flow`, and those of `cognito-flow/lean` and `cognito-flow/external`.
 *
 * All times are in milliseconds since the epoch. No password, code, token or session string is
 * ever in a {@link Snapshot} or an error.
 *
 * @packageDocumentation
 */

/**
 * Loads the module (once) and makes a flow; a kept session or a pending step is restored. Rejects
 * with `unsupported` where the browser cannot run the module.
 */
export declare function createFlow(options: FlowOptions): Promise<Flow>;

/**
 * What `createFlow` takes. Own members alone are read, not those of a prototype. With a member that is
 * missing or mistyped it rejects with `malformed`.
 */
export interface FlowOptions {
  /** As `eu-west-1_AbCdEfGhI`; region and pool name are taken from it. */
  userPoolId: string;
  /** An app client without a secret. */
  clientId: string;
  /**
   * Default: the region's Cognito endpoint. By https; a path (`/cognito`) means this page's origin;
   * plain http is for this machine alone. What is kept is for this endpoint only.
   */
  endpoint?: string;
  /** Default: `globalThis.fetch`. */
  fetch?: typeof fetch;
  /**
   * Where tokens are kept. Default `"memory"`: they end with the page. With any other, a pending step survives
   * a reload as well, in `sessionStorage`. One that may not be used, or keeps nothing, works like
   * `"memory"`.
   */
  storage?: "memory" | "session" | "local" | FlowStorage;
  /**
   * Several accounts side by side: each profile has records of its own. Default `""`. A flow knows the
   * one profile that it was made with.
   */
  profile?: string;
  /** Default: `navigator.credentials`. Called like that, and must answer like that. */
  passkeys?: Pick<CredentialsContainer, "create" | "get">;
  /** Default `"srp"`: the password never leaves the browser. */
  signInWith?: "srp" | "password" | "choice" | "custom" | "customAfterSrp";
  /** What is to be verified after signing in. */
  verify?: {
    /** In this order. Default: both, the phone number first. */
    attributes?: VerifiableAttribute[];
    /** Whether the person may put it off. Default `true`. */
    skippable?: boolean;
    /** After which sign-ins. Default `"always"`. */
    when?: "afterSignUp" | "always" | "never";
  };
  /**
   * Default `"on"`: where the pool tracks devices, this one is confirmed after a sign-in and used
   * from then on.
   */
  devices?: "off" | "on";
  /** What a confirmed device is called in the pool. */
  deviceName?: string;
  /** What an authenticator app calls the entry that it makes. Default: the page's host name. */
  issuer?: string;
  /** Signing in on another page: the pool's managed login, or an identity provider's. */
  redirect?: RedirectOptions;
  /** The app client's session validity (AuthSessionValidity). Default 180. */
  sessionSeconds?: number;
  /** How long one request may take. Default 15000. */
  timeoutMs?: number;
  /** Handed to the pool's triggers with each call that takes it. An event can have its own. */
  clientMetadata?: Record<string, string>;
}

/**
 * The pool's domain, and where people come back to. `createFlow` on the page they come back to
 * finishes the sign-in (`busy`), and takes what came with them out of the address.
 */
export interface RedirectOptions {
  /** As `auth.example.com`; or a whole address, where plain http is for this machine alone. */
  domain: string;
  /** One of the app client's callback addresses. */
  redirectUri: string;
  /** One of its sign-out addresses: whoever came by redirect and signs out is sent there. */
  signOutUri?: string;
  /**
   * `"openid"` among them. Default: all that the app client has. Without
   * `"aws.cognito.signin.user.admin"` the attributes are not known, and `account` is refused.
   */
  scopes?: string[];
  /** Default: `location.assign`. */
  navigate?: (url: string) => void;
}

/**
 * Storage of the app's own, synchronous like `localStorage`: methods that return promises are
 * `malformed`. A write counts when `getItem` gives the same text.
 */
export interface FlowStorage {
  /** The text, or `null` where there is none. */
  getItem(key: string): string | null;
  /** May throw, as a full `localStorage` does. */
  setItem(key: string, value: string): void;
  /** Nothing happens where there is none. */
  removeItem(key: string): void;
}

/** One person's sign-up, sign-in and session. Its functions are bound. */
export interface Flow {
  /** Frozen; the same object until something changes. */
  snapshot(): Snapshot;
  /** The listener is called, from a microtask, after changes. Returns how to stop that. */
  subscribe(listener: () => void): () => void;
  /**
   * Resolves with the first settled snapshot (`busy === null`) after the event. What the pool
   * refuses is in the snapshot's `error`. Rejects with {@link FlowError} on misuse, and with
   * `challengeSpent` when the event was for a session that another tab has ended or replaced; with
   * `cognito-flow/lean` also with `offline`, when its second part could not be loaded.
   */
  send(event: FlowEvent): Promise<Snapshot>;
  /** Whether the present step takes such an event now. */
  accepts(type: FlowEvent["type"]): boolean;
  /**
   * Fresh tokens, refreshed when needed; with `refresh` in any case, for claims that have
   * changed. Rejects with {@link FlowError} when signed out, and with `challengeSpent` when the
   * session that the page knows has become another one.
   */
  session(options?: { refresh?: boolean }): Promise<Session>;
  /** What a signed-in person does without being asked. Each call rejects with {@link FlowError}. */
  readonly account: Account;
  /** The `state` that `signInWithRedirect` was given, after the return; else `null`. */
  redirectState(): string | null;
  /** Ends the flow: requests are aborted and late answers dropped. Tokens stay where they are. */
  dispose(): void;
  /** `dispose`, for `using`. */
  [Symbol.dispose](): void;
}

/** What a signed-in person changes of their account, and asks about it. */
export interface Account {
  /** Which second factors are on. */
  mfaPreference(): Promise<{ enabled: Factor[]; preferred: Factor | null }>;
  /**
   * Factors that are not named stay as they are. A passkey can be a second factor where the pool has
   * it as one, never the preferred one.
   */
  setMfaPreference(
    preference: Partial<Record<Factor, "off" | "on" | "preferred">> & { passkey?: "off" | "on" },
  ): Promise<void>;
  /** A secret for an authenticator app, shown once: as text and as the address of a QR code. */
  startTotp(): Promise<TotpSecret>;
  /**
   * The first code of the app that has the secret. Its codes are a second factor from now on; with
   * `as: "off"` nothing else changes.
   */
  confirmTotp(
    code: string,
    options?: { deviceName?: string; as?: "on" | "preferred" | "off" },
  ): Promise<void>;
  /** Answers with what must be verified now; then `send({ type: "verifyAttribute", … })`. */
  updateAttributes(attributes: Record<string, string>): Promise<{ unverified: string[] }>;
  /** Those that the pool does not require. */
  deleteAttributes(names: string[]): Promise<void>;
  /** The pool wants the current password; a wrong one is `wrongCredentials`. */
  changePassword(current: string, next: string): Promise<void>;
  /** For good; then the step is `"signedOut"`. */
  deleteUser(): Promise<void>;
  /** The factors with which this person can begin a sign-in. */
  factors(): Promise<FirstFactor[]>;
  /** Where this person is signed in, if the pool tracks that; else the pool refuses. */
  sessions(): Promise<UserSession[]>;
  /** Signs the person out there. It does not end this session: `signOut` does. */
  endSession(id: string): Promise<void>;
  /** The passkeys that the pool knows of this person. */
  passkeys(): Promise<Passkey[]>;
  /**
   * The browser asks the person for one; `passkeyFailed` where none is given, `passkeyUnsupported`
   * where none can be given. The next event ends it.
   */
  createPasskey(): Promise<void>;
  /** The pool forgets it; the browser is told to forget it as well, where it can be told. */
  deletePasskey(id: string): Promise<void>;
  /** The person's devices that the pool tracks. */
  devices(): Promise<Device[]>;
  /** From now on no second factor is asked for on this device, where the pool leaves that to the person. */
  rememberDevice(): Promise<void>;
  /** Without a key: this device. Where that is not tracked: `notAccepted`. */
  forgetDevice(key?: string): Promise<void>;
}

/** A passkey that the pool knows. */
export type Passkey = {
  id: string;
  name: string | null;
  createdAt: number;
  /** As the browser has named them: `"internal"`, `"hybrid"`, `"usb"`, … */
  transports: string[];
};
/** What an authenticator app needs. */
export type TotpSecret = { secret: string; uri: string };

/** A device that a person has signed in on. */
export type Device = {
  key: string;
  name: string | null;
  createdAt: number;
  lastUsedAt: number | null;
  /** Whether it is this one. */
  current: boolean;
};

/** A place where a person is signed in. */
export type UserSession = {
  id: string;
  clientId: string | null;
  createdAt: number;
  lastActiveAt: number | null;
  deviceType: string | null;
  ip: string | null;
  /** City and country, as far as the pool knows them. */
  place: string | null;
  /** Whether it is this one. */
  current: boolean;
};

/** What a sign-in can begin with. */
export type FirstFactor = "password" | "sms" | "email" | "passkey";
/** What a person can go on with where there are several. */
export type Choice = FirstFactor | "totp";
/** A second factor with a code: sent, or made by an authenticator app (`"totp"`). */
export type Factor = "sms" | "email" | "totp";
/** An attribute that the pool verifies by a code. */
export type VerifiableAttribute = "email" | "phone_number";

/** What the person sees: the step, the event being worked on, and what went wrong. */
export type Snapshot = Readonly<{
  busy: FlowEvent["type"] | null;
  error: FlowErrorData | null;
  /** Grows with each new form: two challenges of the same step are two forms. */
  round: number;
}> &
  (
    | SignedOutStep
    | ConfirmSignUpStep
    | MfaCodeStep
    | CustomChallengeStep
    | SetUpTotpStep
    | SetUpEmailStep
    | NewPasswordStep
    | VerifyAttributeStep
    | ResetPasswordStep
    | SignedInStep
    | SelectFactorStep
    | PasswordStep
    | SignInCodeStep
    | PasskeyStep
  );

/** Sign in or sign up. */
export type SignedOutStep = Readonly<{
  step: "signedOut";
  /** The name last used, to fill the form with. */
  username: string | null;
}>;

/** Give the code that confirms the sign-up. */
export type ConfirmSignUpStep = Readonly<{
  step: "confirmSignUp";
  username: string;
  /** `null` where none was sent, or where it went is not known. */
  delivery: Delivery | null;
  codeExpiresAt: number | null;
  /** When another code may be asked for; `null`: now. */
  resendAt: number | null;
}>;

/** Give the code of the second factor. */
export type MfaCodeStep = Readonly<{
  step: "mfaCode";
  username: string;
  medium: "sms" | "email" | "totp";
  delivery: Delivery | null;
  /** When the sign-in must be done: after it the step is `signedOut` with `challengeExpired`. */
  expiresAt: number | null;
  canResend: boolean;
  /** When another code may be asked for; `null`: now. */
  resendAt: number | null;
}>;

/** Answer what the pool's own functions ask for. Each round is another form: see `round`. */
export type CustomChallengeStep = Readonly<{
  step: "customChallenge";
  username: string;
  /** What the pool's function made public. */
  parameters: Readonly<Record<string, string>>;
  expiresAt: number | null;
}>;

/** Put the secret into an authenticator app, and give its first code. */
export type SetUpTotpStep = Readonly<{
  step: "setUpTotp";
  username: string;
  /** Base32. It is kept nowhere: after a reload it is another one. */
  secret: string;
  /** The same for a QR code: `otpauth://totp/…`. */
  uri: string;
  expiresAt: number | null;
}>;

/** Give the email address that codes are to be sent to. */
export type SetUpEmailStep = Readonly<{
  step: "setUpEmail";
  username: string;
  expiresAt: number | null;
}>;

/** Choose a first password. */
export type NewPasswordStep = Readonly<{
  step: "newPassword";
  username: string;
  /** Attributes that must come with it. */
  missingAttributes: readonly string[];
  expiresAt: number | null;
}>;

/** Give the code that verifies an attribute. */
export type VerifyAttributeStep = Readonly<{
  step: "verifyAttribute";
  attribute: VerifiableAttribute;
  /** Those that come after it. */
  remaining: readonly string[];
  delivery: Delivery | null;
  codeExpiresAt: number | null;
  resendAt: number | null;
  skippable: boolean;
}>;

/** Give the code and a new password. */
export type ResetPasswordStep = Readonly<{
  step: "resetPassword";
  username: string;
  delivery: Delivery | null;
  codeExpiresAt: number | null;
  resendAt: number | null;
}>;

/** Nothing to do: the person is signed in. */
export type SignedInStep = Readonly<{
  step: "signedIn";
  username: string;
  attributes: Readonly<Record<string, string>>;
  /** Those of email and phone number that are not, or not known to be, verified. */
  unverified: readonly string[];
  tokensExpireAt: number;
  /** `"ask"`: the pool leaves it to the person; see `account.rememberDevice`. `null`: not tracked. */
  device: "ask" | "remembered" | null;
}>;

/** Choose how to go on. */
export type SelectFactorStep = Readonly<{
  step: "selectFactor";
  username: string;
  /** Of what there is a choice. */
  of: "firstFactor" | "mfa" | "mfaSetUp";
  /** In the pool's order. */
  choices: readonly Choice[];
  expiresAt: number | null;
}>;

/** Give the password. */
export type PasswordStep = Readonly<{
  step: "password";
  username: string;
  /** Other ways to begin: `selectFactor` goes over to one. */
  alternatives: readonly FirstFactor[];
  expiresAt: number | null;
}>;

/** Give the code that signs in. */
export type SignInCodeStep = Readonly<{
  step: "signInCode";
  username: string;
  medium: "sms" | "email";
  delivery: Delivery | null;
  /** Other ways to begin: `selectFactor` goes over to one; this step stays until that is there. */
  alternatives: readonly FirstFactor[];
  expiresAt: number | null;
  canResend: boolean;
  /** When another code may be asked for; `null`: now. */
  resendAt: number | null;
}>;

/**
 * Give a passkey. The browser asks for it at once, `busy` meanwhile; whoever closes its prompt stays
 * here with `passkeyFailed`, and `usePasskey` asks again.
 */
export type PasskeyStep = Readonly<{
  step: "passkey";
  username: string;
  /** Other ways to begin; none where it is the second factor. */
  alternatives: readonly FirstFactor[];
  expiresAt: number | null;
}>;

/** Where a code went; the destination is masked, exactly as the pool sent it. */
export type Delivery = Readonly<{
  medium: "sms" | "email";
  destination: string;
  attribute: string | null;
}>;

/** What the page can ask for. Own members alone are read, not those of a prototype. */
export type FlowEvent = (
  | {
      type: "signUp";
      username: string;
      /** May be left out where the pool takes users without. */
      password?: string;
      attributes?: Record<string, string>;
      /** For the pool's trigger before a sign-up, such as a captcha's answer; it is not kept. */
      validationData?: Record<string, string>;
    }
  /** `username`: coming back later, from `signedOut`. */
  | { type: "confirmSignUp"; code: string; username?: string }
  | { type: "resendCode" }
  | {
      type: "signIn";
      username: string;
      /** May be left out with `signInWith` `"choice"` and `"custom"`. */
      password?: string;
      /** With `"choice"`: what to begin with. Default: what the pool offers. */
      preferred?: FirstFactor;
      /**
       * With `"choice"` and `preferred: "passkey"`: it is offered in the field for the name
       * (`autocomplete="username webauthn"`), where the browser can do that. The form stays usable
       * and nothing is shown, until one is chosen there; any other event, or `cancel`, ends that.
       */
      autofill?: boolean;
      /** With `storage: "local"`: `false` keeps this session in this tab alone. */
      remember?: boolean;
    }
  /** In every step that asks for a code that was sent or made; `deviceName`: in `setUpTotp`. */
  | { type: "submitCode"; code: string; deviceName?: string }
  | { type: "setNewPassword"; password: string; attributes?: Record<string, string> }
  /** In `signedIn`. */
  | { type: "verifyAttribute"; attribute: VerifiableAttribute }
  | { type: "skipVerification" }
  | { type: "forgotPassword"; username: string }
  | { type: "resetPassword"; code: string; password: string }
  | { type: "signOut"; everywhere?: boolean }
  /** Leaves the step; also while an event is being worked on. */
  | { type: "cancel" }
  /** In `selectFactor`, and in steps that have `alternatives`. */
  | { type: "selectFactor"; choice: Choice; password?: string }
  | { type: "submitPassword"; password: string }
  /** Asks the browser for a passkey again; with a new challenge, where one was answered already. */
  | { type: "usePasskey" }
  | { type: "answerChallenge"; answer: string }
  | { type: "setUpEmail"; email: string }
  /** Leaves the page for the pool's own, or for that of an identity provider. */
  | {
      type: "signInWithRedirect";
      provider?: string;
      idpIdentifier?: string;
      lang?: string;
      loginHint?: string;
      prompt?: string;
      /** The app's own, given back by `redirectState` after the return. */
      state?: string;
    }
) & {
  /** Laid over that of the options, with every call of this event that takes it. */
  clientMetadata?: Record<string, string>;
};

/** Tokens for the app's own calls. */
export type Session = { accessToken: string; idToken: string; expiresAt: number };

/** A stable name of what went wrong. */
export type FlowErrorCode =
  | "wrongCredentials"
  | "codeMismatch"
  | "codeExpired"
  | "challengeExpired"
  | "challengeSpent"
  | "userExists"
  | "userNotConfirmed"
  | "passwordResetRequired"
  | "userDisabled"
  | "invalidPassword"
  | "invalidParameter"
  | "aliasExists"
  | "noVerifiedContact"
  | "deliveryFailed"
  | "smsNotConfigured"
  | "throttled"
  | "attemptLimit"
  | "refused"
  | "blocked"
  | "passkeyFailed"
  | "passkeyUnsupported"
  | "redirectFailed"
  | "offline"
  | "timeout"
  | "outcomeUnknown"
  | "server"
  | "unsupported"
  | "notAccepted"
  | "busy"
  | "malformed"
  | "disposed";

/** What went wrong, in a snapshot's `error` and as the members of a {@link FlowError}. */
export type FlowErrorData = Readonly<{
  code: FlowErrorCode;
  /** English, for developers; where the pool refused a value, the pool's own words. */
  message: string;
  /** The exception's name on the wire. */
  server?: string;
  /** When it may be tried again, where that can be known. */
  retryAt?: number;
  /** The attribute that the pool refused, where that can be known. */
  attribute?: string;
  /** The exception of the platform that it came from; not enumerable. */
  cause?: unknown;
}>;

/** Misuse, and what `session` and `account` reject with. */
export declare class FlowError extends Error implements FlowErrorData {
  constructor(data: FlowErrorData, options?: { cause?: unknown });
  readonly code: FlowErrorCode;
  readonly server?: string;
  readonly retryAt?: number;
  readonly attribute?: string;
  readonly cause?: unknown;
}
