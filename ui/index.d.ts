// Declarations of `cognito-flow/ui`: the forms as elements.
import type { Flow, FlowOptions, Snapshot } from "../index.js";

/** The languages there are texts in, each by its own name. */
export declare const LANGUAGES: Readonly<Record<Language, string>>;
/** A language that there are texts in. */
export type Language = "en" | "de" | "ja" | "fr" | "es" | "pt-BR" | "zh" | "ko" | "ar";

/** The first of the preferred languages (`navigator.languages`) that there are texts in; else English. */
export declare function chooseLanguage(preferred: readonly string[]): Language;

/** The forms of somebody who is signed out. */
export type View = "signIn" | "signUp" | "forgotPassword" | "confirm";

/** A part of the account. */
export type AccountPart =
  | "factors"
  | "passkeys"
  | "mfa"
  | "contact"
  | "password"
  | "devices"
  | "sessions"
  | "delete";

/** A field of the sign-up: `username`, `password`, or an attribute of the user (`custom:…` too). */
export type SignUpField =
  | string
  | {
      name: string;
      label?: string;
      hint?: string;
      /** Default false: what is left empty is not sent. */
      required?: boolean;
      /** The input's `type`. */
      type?: string;
      autocomplete?: string;
      /** Makes it a choice. */
      options?: readonly (string | { value: string; label: string })[];
    };

/** Which of the forms is shown, for an app that has its own idea of addresses. */
export interface Navigation {
  /** The form that is shown now. */
  view(): View;
  /** The person follows a link. */
  go(view: View): void;
  /** As `go`, without a way back. */
  settle(view: View): void;
  /** The form's address; null makes the link a button that calls `go`. */
  href(view: View): string | null;
  /** Tells of changes; the returned function ends that. */
  onChange(listener: () => void): () => void;
  /** Called with whether the flow waits for something. */
  step(waits: boolean): void;
  /** Tells that the person went back out of what waits, which cancels it. */
  onBack(listener: () => void): () => void;
}

/** What the forms have to know, where it differs from the default. */
export interface FormOptions {
  /** Default: the first of `navigator.languages` that there is. */
  lang?: Language;
  /** Texts in place of ours, by their keys; see `ui/texts/en.js` of the repository. */
  texts?: Readonly<Record<string, string>>;
  theme?: "dense" | "contrast";
  /** What the user name is. Default "name". */
  usernameIs?: "name" | "email" | "phone_number";
  /** The sign-up's fields in their order. Default: user name, email, phone number, password. */
  fields?: readonly SignUpField[];
  /**
   * Attributes without which the pool takes no new user, or lets none in: `phone_number` where it requires
   * a second factor and has SMS alone. Default: none.
   */
  required?: readonly string[];
  /**
   * How a sign-up is confirmed. With "link" one is awaited where an email was sent; where the pool sent
   * nothing it is an administrator. Default "code".
   */
  confirmBy?: "code" | "link" | "administrator";
  /** Which forms there are besides the one for signing in. Default: all. */
  views?: readonly View[];
  /** The form to begin with. Default "signIn". */
  start?: View;
  /** Default "memory": nothing outside the element is touched. */
  navigation?: "memory" | "history" | "hash" | Navigation;
  /** Whom to ask. What is in the slot `support` takes its place. */
  support?: { text?: string; href?: string; label?: string };
  /** The pool's password policy. Default: Cognito's. */
  policy?: {
    minimumLength: number;
    lowercase?: boolean;
    uppercase?: boolean;
    numbers?: boolean;
    symbols?: boolean;
  };
  /** Whether the pool takes passkeys, with `signInWith: "choice"`. Default true. */
  offerPasskeys?: boolean;
  /** Whether people can sign up without a password. Default false. */
  passwordless?: boolean;
  /** Whether to ask "Keep me signed in", with `storage: "local"`. Default false. */
  askRemember?: boolean;
  /** Who was here last: their passkeys are offered. */
  lastUsername?: string | null;
  /** Other places to sign in at, with `redirect`. */
  redirects?: readonly { label: string; provider?: string; idpIdentifier?: string }[];
  /** Parts of the account. Default: mfa, contact, password, delete. */
  account?: readonly AccountPart[];
  /** What to show as the question of a custom challenge. */
  describeChallenge?: (parameters: Record<string, string>) => string | Node;
  /** In place of the account. What is in the slot `signed-in` is shown without it. */
  signedInView?: (flow: Flow) => Node;
}

/** The options of a flow, or a flow, and those of the forms. */
export type SignInOptions = FormOptions &
  (({ flow: Flow } & { [Name in keyof FlowOptions]?: FlowOptions[Name] }) | (FlowOptions & { flow?: undefined }));

/** What the components of `cognito-flow/react`, `/vue` and `/svelte` take: these options, and callbacks. */
export type SignInProps = SignInOptions & {
  /** Another step, or another form of the same. */
  onStep?: (snapshot: Snapshot, flow: Flow) => void;
  /** Somebody is signed in: now, or still from before. */
  onSignedIn?: (snapshot: Extract<Snapshot, { step: "signedIn" }>, flow: Flow) => void;
  /** Who was signed in is so no longer, here or in another tab. */
  onSignedOut?: (snapshot: Snapshot, flow: Flow) => void;
  /** It could not start; the person sees why and can try again. */
  onFailure?: (error: unknown) => void;
};

/** What `mountSignIn` calls. */
export interface MountCallbacks {
  /** There is a flow. */
  onFlow?: (flow: Flow) => void;
  /** It could not start; the person sees why and can try again. */
  onFailure?: (error: unknown) => void;
}

/**
 * Shows sign-up, sign-in and account in the element's shadow root (made where there is none), until the
 * returned function is called.
 */
export declare function mountSignIn(
  root: Element | ShadowRoot,
  options: SignInOptions & MountCallbacks,
): () => void;

/** What the element's events carry. */
export interface CognitoEventMap {
  /** Another step, or another form of the same. */
  "cognito-step": CustomEvent<Snapshot>;
  "cognito-signed-in": CustomEvent<Extract<Snapshot, { step: "signedIn" }>>;
  "cognito-signed-out": CustomEvent<Snapshot>;
  /** It could not start. */
  "cognito-failed": CustomEvent<{ error: unknown }>;
}

/**
 * `<cognito-sign-in user-pool-id client-id endpoint? storage? profile? sign-in-with? lang? theme?
 * navigation? start? username-is? no-sign-up?>`, with slots `header`, `footer`, `support` and `signed-in`.
 */
export declare class CognitoSignIn extends HTMLElement {
  /** The flow that is shown: the app's, or the one made from the attributes; null until there is one. */
  get flow(): Flow | null;
  set flow(flow: Flow | null);
  /** What has no attribute. Attributes are laid over it. */
  get options(): Partial<FlowOptions> & FormOptions;
  set options(options: Partial<FlowOptions> & FormOptions);
  /** Ends the flow that was made from the attributes. */
  dispose(): void;

  /** As of every element; the events of {@link CognitoEventMap} are typed. */
  addEventListener<K extends keyof CognitoEventMap>(
    type: K,
    listener: (this: CognitoSignIn, event: CognitoEventMap[K]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  /** As of every element. */
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void;
}

/** `<cognito-account for="id of a cognito-sign-in">`, or with attributes of its own. */
export declare class CognitoAccount extends CognitoSignIn {}

declare global {
  interface HTMLElementTagNameMap {
    "cognito-sign-in": CognitoSignIn;
    "cognito-account": CognitoAccount;
  }
}
