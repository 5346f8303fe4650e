// The functions that a user pool asks during a sign-in by CUSTOM_AUTH, for ministack to call.
import { createServer } from "node:http";
import { authorizationFor } from "../../../../scripts/lib/aws.mjs";

const ALL = [
  { asks: "a colour", answer: "ultramarine" },
  { asks: "a town", answer: "Turku" },
];

export const ANSWERS = ALL.map(({ answer }) => answer);
export const QUESTIONS = ALL.map(({ asks }) => asks);

/**
 * Some questions, one after the other, behind the password where the client proves that first. A
 * wrong answer asks the same again, and the second one ends the sign-in. What is returned is the
 * pool's LambdaConfig and every event that came.
 */
export async function startTriggers(server, test, count = ALL.length) {
  const events = [];
  const functions = createServer(async (request, response) => {
    const chunks = await request.toArray();
    const event = JSON.parse(Buffer.concat(chunks).toString());
    events.push(event);
    const answer = { ...event, response: decide(event, count) };
    response.setHeader("content-type", "application/json").end(JSON.stringify(answer));
  });
  await new Promise((done) => functions.listen(0, "127.0.0.1", done));
  test.after(() => {
    functions.closeAllConnections();
    functions.close();
  });
  const arn = await createFunction(server, functions.address().port);
  return {
    events,
    LambdaConfig: {
      DefineAuthChallenge: arn,
      CreateAuthChallenge: arn,
      VerifyAuthChallengeResponse: arn,
    },
  };
}

function decide({ triggerSource, request }, count) {
  const asked = request.session.filter(({ challengeName }) => challengeName === "CUSTOM_CHALLENGE");
  const right = asked.filter(({ challengeResult }) => challengeResult).length;
  switch (triggerSource) {
    case "DefineAuthChallenge_Authentication":
      if (request.session.at(-1)?.challengeName === "SRP_A") {
        return { challengeName: "PASSWORD_VERIFIER" };
      }
      if (right === count) return { issueTokens: true };
      if (asked.length - right >= 2) return { failAuthentication: true };
      return { challengeName: "CUSTOM_CHALLENGE" };
    case "CreateAuthChallenge_Authentication": {
      const { asks, answer } = ALL[right];
      return {
        publicChallengeParameters: { asks },
        privateChallengeParameters: { answer },
      };
    }
    case "VerifyAuthChallengeResponse_Authentication":
      return {
        answerCorrect: request.challengeAnswer === request.privateChallengeParameters.answer,
      };
    default:
      throw new Error(`unexpected ${triggerSource}`);
  }
}

/** A function whose invocations ministack hands on to a port here. */
async function createFunction(server, port) {
  const name = `triggers-${port}`;
  const policy = new URLSearchParams({
    Action: "CreateRole",
    Version: "2010-05-08",
    RoleName: name,
    AssumeRolePolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [] }),
  });
  await call(server, "iam", "", policy);
  const text = await call(
    server,
    "lambda",
    "2015-03-31/functions",
    JSON.stringify({
      FunctionName: name,
      Runtime: "python3.12",
      Handler: "triggers.handler",
      Role: `arn:aws:iam::000000000000:role/${name}`,
      Code: {},
      Environment: { Variables: { MINISTACK_LAMBDA_PROXY_URL: `http://127.0.0.1:${port}/` } },
    }),
  );
  return JSON.parse(text).FunctionArn;
}

async function call({ endpoint }, service, path, body) {
  const headers = { authorization: authorizationFor(service) };
  const response = await fetch(endpoint + path, { method: "POST", headers, body });
  const text = await response.text();
  if (!response.ok) throw new Error(`${service}: ${response.status} ${text.slice(0, 500)}`);
  return text;
}
