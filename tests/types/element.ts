// The element, as an application's author would use it, and what its declarations refuse.
import { CognitoAccount, CognitoSignIn, LANGUAGES, chooseLanguage, mountSignIn } from "cognito-flow/ui";
import type { FormOptions, Language, Navigation } from "cognito-flow/ui";
import { signInShell } from "cognito-flow/ui/server";
import type { Flow } from "cognito-flow";

declare const flow: Flow;
const ids = { userPoolId: "eu-west-1_AbCdEfGhI", clientId: "1example" };

export function drop(main: HTMLElement): string[] {
  const element = document.createElement("cognito-sign-in");
  element.options = { ...ids, lang: "pt-BR", fields: ["email", { name: "custom:team", options: ["Red"] }] };
  element.addEventListener("cognito-signed-in", ({ detail }) => {
    main.textContent = detail.username;
  });
  element.flow = flow;
  main.append(element, new CognitoAccount());
  const known: CognitoSignIn | null = document.querySelector("cognito-sign-in");
  return [known?.flow?.snapshot().step ?? "", LANGUAGES[chooseLanguage(navigator.languages)], signInShell()];
}

export const unmounts: (() => void)[] = [
  mountSignIn(document.body, { flow, theme: "dense", navigation: "hash" }),
  mountSignIn(document.body, { ...ids, storage: "local", onFlow: (made) => made.snapshot() }),
  mountSignIn(document.body, { ...ids, signedInView: () => document.createElement("p"), views: ["signUp"] }),
];

export const language: Language = "ar";
// @ts-expect-error: there are no texts in it
export const unknown: Language = "it";
// @ts-expect-error: neither a flow nor what one is made with
mountSignIn(document.body, { lang: "en" });
// @ts-expect-error: there is no such theme
export const theme: FormOptions = { theme: "loud" };
// @ts-expect-error: some of it is missing
export const navigation: Navigation = { view: () => "signIn" };
