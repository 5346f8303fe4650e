// A key store of passkeys, as Chromium's DevTools make one: what a person does at the browser's prompt.

/**
 * Has the page's browser use a virtual authenticator. `isVerified`: whether the person proves to be who
 * they are (a finger, a PIN); without `canVerify` it cannot even ask.
 */
export async function virtualAuthenticator(page, { isVerified = true, canVerify = true } = {}) {
  const devTools = await page.context().newCDPSession(page);
  await devTools.send("WebAuthn.enable");
  const { authenticatorId } = await devTools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: canVerify,
      isUserVerified: isVerified,
      automaticPresenceSimulation: true,
    },
  });
  const send = (name, more = {}) => devTools.send(`WebAuthn.${name}`, { authenticatorId, ...more });
  return {
    passkeys: async () => (await send("getCredentials")).credentials,
    /** As a person who clears the key store. */
    clear: () => send("clearCredentials"),
    /** From now on the person's finger is, or is not, the right one. */
    verify: (isUserVerified) => send("setUserVerified", { isUserVerified }),
    /** From now on the prompt is, or is not, answered at all. */
    answer: (enabled) => send("setAutomaticPresenceSimulation", { enabled }),
  };
}
