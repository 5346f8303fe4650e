// A `switch` over the steps is complete, and the compiler notices one that is not.
import type { FlowErrorCode, FlowEvent, Snapshot } from "cognito-flow";

/** Every step, and in each the members that only it has. */
export function describe(snapshot: Snapshot): string {
  switch (snapshot.step) {
    case "signedOut":
      return snapshot.username ?? "nobody yet";
    case "confirmSignUp":
      return `${snapshot.username}: ${snapshot.delivery?.destination ?? "somewhere"}`;
    case "mfaCode":
      return `${snapshot.medium} until ${snapshot.expiresAt ?? Infinity}, ${snapshot.canResend}`;
    case "customChallenge":
      return `${snapshot.parameters["question"] ?? ""} ${snapshot.expiresAt ?? 0}`;
    case "setUpTotp":
      return `${snapshot.secret} ${snapshot.uri} ${snapshot.expiresAt ?? 0}`;
    case "setUpEmail":
      return `${snapshot.username} ${snapshot.expiresAt ?? 0}`;
    case "newPassword":
      return snapshot.missingAttributes.join();
    case "verifyAttribute":
      return [snapshot.attribute, ...snapshot.remaining, snapshot.skippable].join();
    case "resetPassword":
      return `${snapshot.codeExpiresAt ?? 0} ${snapshot.resendAt ?? 0}`;
    case "signedIn":
      return `${snapshot.attributes["email"] ?? ""} ${snapshot.unverified.length} ${snapshot.tokensExpireAt}`;
    case "selectFactor":
      return [snapshot.of, ...snapshot.choices, snapshot.expiresAt].join();
    case "password":
      return [snapshot.username, ...snapshot.alternatives, snapshot.expiresAt].join();
    case "signInCode":
      return [snapshot.medium, snapshot.canResend, ...snapshot.alternatives].join();
    case "passkey":
      return [snapshot.username, ...snapshot.alternatives, snapshot.expiresAt].join();
    default:
      return never(snapshot);
  }
}

/** The same with one step left out: what remains is not `never`. */
export function incomplete(snapshot: Snapshot): string {
  switch (snapshot.step) {
    case "signedOut":
    case "confirmSignUp":
    case "customChallenge":
    case "setUpTotp":
    case "setUpEmail":
    case "newPassword":
    case "verifyAttribute":
    case "resetPassword":
    case "signedIn":
    case "selectFactor":
    case "password":
    case "signInCode":
    case "passkey":
      return snapshot.step;
    default:
      // @ts-expect-error: the step "mfaCode" is missing above
      return never(snapshot);
  }
}

/** Without a `default`, a missing step is a missing return value. */
// @ts-expect-error: not every step returns
export function noDefault(snapshot: Snapshot): string {
  switch (snapshot.step) {
    case "signedOut":
      return "";
  }
}

/** A table by event is complete as well: one entry per event, none besides. */
export const events: Record<FlowEvent["type"], true> = {
  signUp: true,
  confirmSignUp: true,
  resendCode: true,
  signIn: true,
  submitCode: true,
  setNewPassword: true,
  verifyAttribute: true,
  skipVerification: true,
  forgotPassword: true,
  resetPassword: true,
  signOut: true,
  cancel: true,
  selectFactor: true,
  submitPassword: true,
  usePasskey: true,
  answerChallenge: true,
  setUpEmail: true,
  signInWithRedirect: true,
};

/** Every error code has a text of the app's own. */
export const messages: Record<FlowErrorCode, string> = {
  wrongCredentials: "",
  codeMismatch: "",
  codeExpired: "",
  challengeExpired: "",
  challengeSpent: "",
  userExists: "",
  userNotConfirmed: "",
  passwordResetRequired: "",
  userDisabled: "",
  invalidPassword: "",
  invalidParameter: "",
  aliasExists: "",
  noVerifiedContact: "",
  deliveryFailed: "",
  smsNotConfigured: "",
  throttled: "",
  attemptLimit: "",
  passkeyFailed: "",
  passkeyUnsupported: "",
  redirectFailed: "",
  offline: "",
  timeout: "",
  outcomeUnknown: "",
  refused: "",
  blocked: "",
  unsupported: "",
  server: "",
  notAccepted: "",
  busy: "",
  malformed: "",
  disposed: "",
};

function never(value: never): never {
  throw new Error(`not a step: ${JSON.stringify(value)}`);
}
