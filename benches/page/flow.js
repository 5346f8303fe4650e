/** The bench's client of a package's `createFlow`. */
export function clientOf(createFlow) {
  let flow;
  return {
    async ready({ userPoolId, clientId }) {
      flow = await createFlow({ userPoolId, clientId, storage: "local", verify: { when: "never" } });
    },

    async signIn({ username, password }) {
      const { step, error } = await flow.send({ type: "signIn", username, password });
      if (step !== "signedIn") throw new Error(`${step}: ${error?.code}`);
    },

    async signOut() {
      await flow.send({ type: "signOut" });
    },
  };
}
