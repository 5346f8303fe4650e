// The functions behind the demo's custom challenge, as Lambda functions would be behind a real pool's:
// a sum, and three tries. They are called while a request is answered.

const TRIES = 3;

/** Cognito's event, with its response filled in; nothing for a function that there is not. */
export function puzzle(name, event) {
  const answer = FUNCTIONS[name]?.(event.request);
  return answer && { ...event, response: answer };
}

const FUNCTIONS = {
  __proto__: null,
  DefineAuthChallenge({ session }) {
    // The password's own challenges come before, where the person begins with it.
    if (session.at(-1)?.challengeName === "SRP_A") {
      return { issueTokens: false, failAuthentication: false, challengeName: "PASSWORD_VERIFIER" };
    }
    const tries = session.filter(({ challengeName }) => challengeName === "CUSTOM_CHALLENGE");
    const issueTokens = tries.at(-1)?.challengeResult === true;
    const failAuthentication = !issueTokens && tries.length >= TRIES;
    if (issueTokens || failAuthentication) return { issueTokens, failAuthentication };
    return { issueTokens, failAuthentication, challengeName: "CUSTOM_CHALLENGE" };
  },
  CreateAuthChallenge() {
    const [a, b] = [digit(), digit()];
    return {
      publicChallengeParameters: { question: `${a} + ${b}` },
      privateChallengeParameters: { answer: String(a + b) },
    };
  },
  VerifyAuthChallengeResponse({ challengeAnswer, privateChallengeParameters }) {
    return { answerCorrect: challengeAnswer.trim() === privateChallengeParameters.answer };
  },
};

function digit() {
  return 2 + Math.floor(Math.random() * 8);
}
