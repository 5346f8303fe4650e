// Declarations of `cognito-flow/ui/server`.

/**
 * Markup to stand inside of `<cognito-sign-in>` in a page that a server makes (declarative shadow DOM).
 * `nonce` is that of the page's content security policy, where it has one for styles.
 */
export declare function signInShell(options?: {
  lang?: string;
  theme?: "dense" | "contrast";
  nonce?: string;
}): string;
