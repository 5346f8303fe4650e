// What each app with the element gives it, written anew with each render, and what it is told.
window.told = [];
window.flows = new Set();

export function given(count, lang, onFlow) {
  const tell = (name) => (snapshot, flow) => {
    window.told.push(`${name} ${count}`);
    window.flows.add(flow);
    if (name === "signedIn") onFlow(flow);
  };
  return {
    ...window.settings,
    lang,
    verify: { when: "never" },
    fields: ["username", { name: "email", required: true }, "password"],
    fetch: (...request) => globalThis.fetch(...request),
    support: { text: "Lost?", href: "mailto:help@example.com" },
    onStep: tell("step"),
    onSignedIn: tell("signedIn"),
    onSignedOut: tell("signedOut"),
    onFailure: tell("failure"),
  };
}
