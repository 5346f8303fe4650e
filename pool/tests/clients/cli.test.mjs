// The AWS CLI: the journeys, the administrator's stories, and what SMS need of IAM, SNS and Support.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import * as journeys from "./journeys.mjs";
import { OPTIONAL, person, startServer } from "./server.mjs";

let server;
let session;

before(async () => {
  server = await startServer([], { watched: true });
  session = startSession();
});
after(() => {
  session?.end();
  return server?.stop();
});

/** Runs `aws SERVICE COMMAND …` and answers its JSON; rejects with the exception's name. */
function aws(...args) {
  return new Promise((done, fail) => {
    execFile("aws", complete(args), { env: environment() }, (error, stdout, stderr) => {
      if (error === null) done(parsed(stdout));
      else fail(exception(stderr || error.message));
    });
  });
}

/** The same in a driver that keeps running; one call after the other. */
function startSession() {
  const script = join(import.meta.dirname, "aws_session.py");
  const child = spawn(process.env.PYTHON ?? "python3", [script], {
    env: environment(),
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async aws(...args) {
      child.stdin.write(`${JSON.stringify(complete(args))}\n`);
      const { code, stdout, stderr } = JSON.parse((await lines.next()).value);
      if (code !== 0) throw exception(stderr);
      return parsed(stdout);
    },
    end: () => child.stdin.end(),
  };
}

function complete(args) {
  return ["--endpoint-url", server.endpoint, "--output", "json", ...args];
}

function environment() {
  return {
    ...process.env,
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
    AWS_DEFAULT_REGION: "eu-west-1",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_PAGER: "",
    // Nobody's own settings take part.
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
  };
}

function parsed(stdout) {
  return stdout.trim() === "" ? {} : JSON.parse(stdout);
}

/** An error with the name and the message that the CLI prints. */
function exception(stderr) {
  const found = /\((\w+)\) when calling the \w+ operation[^:]*: ([^]*)/.exec(stderr);
  const [, name, message] = found ?? [null, "Error", stderr];
  return Object.assign(new Error(message.trim()), { name });
}

/** Calls a user pool operation, named as in the API, by the given way of running a command. */
function caller(run) {
  return (operation, input) => {
    const command = operation
      .replace(/MFA/g, "Mfa")
      .replace(/(?!^)[A-Z]/g, (letter) => `-${letter}`)
      .toLowerCase();
    return run("cognito-idp", command, "--cli-input-json", JSON.stringify(input));
  };
}

for (const journey of [
  "phoneAndEmail",
  "secondFactors",
  "sessions",
  "forgottenPassword",
  "requiredFactor",
]) {
  test(`AWS CLI: ${journey}`, () => journeys[journey](caller(session.aws), server));
}

test("AWS CLI: lostPhone", () => journeys.lostPhone(caller(aws), server));

test("AWS CLI: an administrator's user, from invitation to password", async () => {
  const { userPoolId: pool, clientId } = OPTIONAL;
  const { username, phone } = person();
  const user = ["--user-pool-id", pool, "--username", username];
  await aws(
    ...["cognito-idp", "admin-create-user", ...user, "--temporary-password", "First-horse-1"],
    ...["--user-attributes", `Name=phone_number,Value=${phone}`],
    ...["--desired-delivery-mediums", "SMS"],
  );
  const { UserStatus } = await aws("cognito-idp", "admin-get-user", ...user);
  assert.equal(UserStatus, "FORCE_CHANGE_PASSWORD");
  await aws(
    ...["cognito-idp", "admin-set-user-password", ...user],
    ...["--password", "Second-horse-2", "--permanent"],
  );
  const parameters = `USERNAME=${username},PASSWORD=Second-horse-2`;
  const signedIn = await aws(
    ...["cognito-idp", "initiate-auth", "--client-id", clientId],
    ...["--auth-flow", "USER_PASSWORD_AUTH", "--auth-parameters", parameters],
  );
  assert.ok(signedIn.AuthenticationResult.AccessToken);
  await aws("cognito-idp", "admin-disable-user", ...user);
  const { Enabled } = await aws("cognito-idp", "admin-get-user", ...user);
  assert.equal(Enabled, false);
});

test("AWS CLI: a role that Cognito may send SMS with", async () => {
  const role = ["--role-name", "guide"];
  const trust = {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "cognito-idp.amazonaws.com" },
        Action: "sts:AssumeRole",
        Condition: { StringEquals: { "sts:ExternalId": "the-right-one" } },
      },
    ],
  };
  const publish = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "sns:Publish", Resource: "*" }],
  };
  const document = JSON.stringify(trust);
  const { Role } = await aws(
    ...["iam", "create-role", ...role, "--assume-role-policy-document", document],
  );
  assert.equal(Role.Arn, "arn:aws:iam::123456789012:role/guide");
  assert.deepEqual((await aws("iam", "get-role", ...role)).Role.AssumeRolePolicyDocument, trust);

  const createPool = (externalId) =>
    aws(
      ...["cognito-idp", "create-user-pool", "--pool-name", "guide"],
      ...["--auto-verified-attributes", "phone_number"],
      ...["--sms-configuration", `SnsCallerArn=${Role.Arn},ExternalId=${externalId}`],
    );
  const noTrust = ["InvalidSmsRoleTrustRelationshipException", /trust relationship/];
  const noAccess = ["InvalidSmsRoleAccessPolicyException", /permission to publish with SNS/];
  await journeys.refused(createPool("the-wrong-one"), ...noTrust);
  await journeys.refused(createPool("the-right-one"), ...noAccess);
  await aws(
    ...["iam", "put-role-policy", ...role, "--policy-name", "publish"],
    ...["--policy-document", JSON.stringify(publish)],
  );
  const { UserPool } = await createPool("the-right-one");
  assert.equal(UserPool.SmsConfiguration.SnsCallerArn, Role.Arn);

  await journeys.refused(aws("iam", "delete-role", ...role), "DeleteConflict");
  await aws("iam", "delete-role-policy", ...role, "--policy-name", "publish");
  const full = ["--policy-arn", "arn:aws:iam::aws:policy/AmazonSNSFullAccess"];
  await aws("iam", "attach-role-policy", ...role, ...full);
  const again = await createPool("the-right-one");
  assert.ok(again.UserPool.Id);
  const untrusting = JSON.stringify(trust).replace("cognito-idp", "lambda");
  await aws("iam", "update-assume-role-policy", ...role, "--policy-document", untrusting);
  await journeys.refused(createPool("the-right-one"), ...noTrust);
  await aws("iam", "detach-role-policy", ...role, ...full);
  await aws("iam", "delete-role", ...role);
  await journeys.refused(aws("iam", "get-role", ...role), "NoSuchEntity");
  await journeys.refused(
    aws("iam", "create-role", "--role-name", "x", "--assume-role-policy-document", "{}"),
    "MalformedPolicyDocument",
  );
});

test("AWS CLI: raising the monthly spend limit takes a support case", async () => {
  const limit = async () =>
    (await aws("sns", "get-sms-attributes")).attributes.MonthlySpendLimit;
  const set = (value) =>
    aws("sns", "set-sms-attributes", "--attributes", `MonthlySpendLimit=${value}`);
  assert.equal(await limit(), "100");
  await journeys.refused(set(500), "InvalidParameter", /MonthlySpendLimit/);
  const body = "New limit value: 500\nUse case: sign-in codes for our customers";
  const { caseId } = await aws(
    ...["support", "create-case", "--subject", "SMS spend limit"],
    ...["--communication-body", body],
  );
  await journeys.refused(set(500), "InvalidParameter");
  const { cases } = await aws("support", "describe-cases", "--case-id-list", caseId);
  assert.equal(cases[0].status, "opened");
  assert.equal(cases[0].recentCommunications.communications[0].body, body);
  const resolved = await aws("support", "resolve-case", "--case-id", caseId);
  assert.deepEqual(resolved, { initialCaseStatus: "opened", finalCaseStatus: "resolved" });
  await set(500);
  assert.equal(await limit(), "500");
  const spending = await (await fetch(`${server.endpoint}/_pool/spending`)).json();
  assert.equal(spending.limitMicroUsd, 500_000_000);
  await set(0);
  const lost = person();
  await caller(aws)("SignUp", {
    ClientId: OPTIONAL.clientId,
    Username: lost.username,
    Password: lost.password,
    UserAttributes: [{ Name: "phone_number", Value: lost.phone }],
  });
  const deliveries = await (await fetch(`${server.endpoint}/_pool/deliveries`)).json();
  assert.deepEqual(
    deliveries.filter(({ to }) => to === lost.phone).map(({ outcome, reason }) => [outcome, reason]),
    [["dropped", "No quota left for account"]],
  );
});
