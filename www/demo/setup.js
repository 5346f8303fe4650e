// The demo's user pool: its settings as a few plain values, and the wire operations that make them.

export const DEFAULTS = {
  firstFactors: ["PASSWORD"],
  mfa: "OPTIONAL",
  factors: ["sms", "email"],
  devices: "off",
  sessions: false,
  otherSites: false,
  verify: ["phone_number", "email"],
  emailBy: "CONFIRM_WITH_CODE",
  sessionMinutes: 3,
};

/** The identity provider, which is the pool's own page. */
export const PROVIDER = "Example";

/** What the app asks for there: the last is for the account's own operations. */
export const SCOPES = ["openid", "email", "phone", "profile", "aws.cognito.signin.user.admin"];

/** This page, to which other sites lead back. */
export const PAGE = globalThis.location ? location.origin + location.pathname : "http://localhost/";

/** Passkeys are for a name: a page that was opened by its address has none. */
export const canHavePasskeys = /[a-z]$/i.test(globalThis.location?.hostname ?? "");

export const FIRST_FACTORS = ["EMAIL_OTP", "SMS_OTP", ...(canHavePasskeys ? ["WEB_AUTHN"] : [])];

/** The role with which the pool sends SMS, and the policy by which it may. */
export const ROLE = { RoleName: "cognito-sms-demo" };
export const PERMISSION = { ...ROLE, PolicyName: "sms" };
const ROLE_ARN = `arn:aws:iam::123456789012:role/${ROLE.RoleName}`;
const SMS = { SnsCallerArn: ROLE_ARN };

/** The members of `SetUserPoolMfaConfig` that turn a factor on, and what they then are. */
const FACTORS = {
  sms: { SmsMfaConfiguration: { SmsConfiguration: SMS } },
  email: { EmailMfaConfiguration: {} },
  totp: { SoftwareTokenMfaConfiguration: { Enabled: true } },
};

/** Whether devices are remembered, by `DeviceConfiguration`; left out they are not tracked. */
const DEVICES = {
  off: {},
  always: deviceConfiguration(false),
  ask: deviceConfiguration(true),
};

const AUTH_FLOWS = {
  srp: ["ALLOW_USER_SRP_AUTH"],
  choice: ["ALLOW_USER_AUTH"],
  custom: ["ALLOW_CUSTOM_AUTH"],
  customAfterSrp: ["ALLOW_CUSTOM_AUTH"],
};

const EMAIL = { Name: "email", AttributeDataType: "String", Mutable: true };
const SENDER = "arn:aws:ses:eu-west-1:123456789012:identity/demo@example.com";

export async function createRole(aws) {
  await aws.iam("CreateRole", { ...ROLE, AssumeRolePolicyDocument: trustPolicy() });
  await aws.iam("PutRolePolicy", { ...PERMISSION, PolicyDocument: publishPolicy() });
}

/** Lets a service assume the role; it has to be Cognito. */
export function trustPolicy(service = "cognito-idp.amazonaws.com") {
  return policy({ Principal: { Service: service }, Action: "sts:AssumeRole" });
}

export function publishPolicy() {
  return policy({ Action: "sns:Publish", Resource: "*" });
}

/** Where codes by email are a second factor that must be had, an address can be given in the sign-in. */
function setsUpEmail({ mfa, factors }) {
  return mfa === "ON" && factors.includes("email");
}

export async function createPool(aws, settings) {
  const { UserPool } = await aws.cognito("CreateUserPool", {
    PoolName: "demo",
    Schema: [{ ...EMAIL, Required: !setsUpEmail(settings) }],
    UsernameConfiguration: { CaseSensitive: false },
    ...poolSettings({ ...settings, mfa: "OFF" }),
  });
  await setMfa(aws, UserPool.Id, settings);
  if (settings.sessions) await setSessions(aws, UserPool.Id, settings);
  if (settings.otherSites) await otherSites(aws, UserPool.Id);
  const { UserPoolClient } = await aws.cognito("CreateUserPoolClient", {
    UserPoolId: UserPool.Id,
    ClientName: "page",
    ...clientSettings(settings),
  });
  return { userPoolId: UserPool.Id, clientId: UserPoolClient.ClientId };
}

/** Changes what can be changed of a pool that is there. Requiring MFA is not: Cognito refuses. */
export async function updatePool(aws, { userPoolId, clientId }, settings) {
  const update = () =>
    aws.cognito("UpdateUserPool", {
      UserPoolId: userPoolId,
      MfaConfiguration: settings.mfa,
      ...poolSettings(settings),
    });
  if (settings.mfa === "ON") await update();
  await setMfa(aws, userPoolId, settings);
  if (settings.mfa !== "ON") await update();
  await setSessions(aws, userPoolId, settings);
  if (settings.otherSites) await otherSites(aws, userPoolId);
  await aws.cognito("UpdateUserPoolClient", {
    UserPoolId: userPoolId,
    ClientId: clientId,
    ...clientSettings(settings),
  });
}

/** The settings of a pool that is there, and its password policy as the forms take it. */
export async function readPool(aws, { userPoolId, clientId }) {
  const { UserPool } = await aws.cognito("DescribeUserPool", { UserPoolId: userPoolId });
  const { UserPoolClient } = await aws.cognito("DescribeUserPoolClient", {
    UserPoolId: userPoolId,
    ClientId: clientId,
  });
  const factors = await aws.cognito("GetUserPoolMfaConfig", { UserPoolId: userPoolId });
  const tracking = await aws.cognito("GetUserPoolSessionConfiguration", { UserPoolId: userPoolId });
  const rules = UserPool.Policies.PasswordPolicy;
  const isOn = (factor) => Object.keys(FACTORS[factor]).some((member) => factors[member]);
  return {
    settings: {
      firstFactors: UserPool.Policies.SignInPolicy?.AllowedFirstAuthFactors ?? DEFAULTS.firstFactors,
      mfa: UserPool.MfaConfiguration ?? "OFF",
      factors: Object.keys(FACTORS).filter(isOn),
      sessions: tracking.UserSessionTracking === "ENABLED",
      otherSites: UserPoolClient.AllowedOAuthFlowsUserPoolClient === true,
      devices: devicesOf(UserPool.DeviceConfiguration),
      verify: UserPool.AutoVerifiedAttributes ?? [],
      emailBy: UserPool.VerificationMessageTemplate?.DefaultEmailOption ?? DEFAULTS.emailBy,
      sessionMinutes: UserPoolClient.AuthSessionValidity ?? DEFAULTS.sessionMinutes,
    },
    policy: {
      minimumLength: rules.MinimumLength,
      lowercase: rules.RequireLowercase,
      uppercase: rules.RequireUppercase,
      numbers: rules.RequireNumbers,
      symbols: rules.RequireSymbols,
    },
  };
}

function deviceConfiguration(ask) {
  return {
    DeviceConfiguration: {
      ChallengeRequiredOnNewDevice: true,
      DeviceOnlyRememberedOnUserPrompt: ask,
    },
  };
}

function devicesOf(configuration) {
  if (!configuration) return "off";
  return configuration.DeviceOnlyRememberedOnUserPrompt ? "ask" : "always";
}

function poolSettings({ firstFactors, devices, verify, emailBy }) {
  return {
    Policies: { SignInPolicy: { AllowedFirstAuthFactors: firstFactors } },
    ...DEVICES[devices],
    AutoVerifiedAttributes: verify,
    VerificationMessageTemplate: { DefaultEmailOption: emailBy },
    SmsConfiguration: SMS,
    // Codes by email as a second factor need a sender of one's own.
    EmailConfiguration: { EmailSendingAccount: "DEVELOPER", SourceArn: SENDER },
    AdminCreateUserConfig: { AllowAdminCreateUserOnly: false },
    AccountRecoverySetting: {
      RecoveryMechanisms: [
        { Name: "verified_phone_number", Priority: 1 },
        { Name: "verified_email", Priority: 2 },
      ],
    },
  };
}

function setMfa(aws, userPoolId, { mfa, factors }) {
  const chosen = mfa === "OFF" ? [] : factors.map((factor) => FACTORS[factor]);
  return aws.cognito("SetUserPoolMfaConfig", {
    UserPoolId: userPoolId,
    MfaConfiguration: mfa,
    ...(canHavePasskeys ? { WebAuthnConfiguration: passkeySettings(mfa) } : {}),
    ...Object.assign({}, ...chosen),
  });
}

/** Where there are second factors a passkey is both at once, which takes who holds it to be verified. */
function passkeySettings(mfa) {
  const alone = { UserVerification: "preferred", FactorConfiguration: "SINGLE_FACTOR" };
  const both = {
    UserVerification: "required",
    FactorConfiguration: "MULTI_FACTOR_WITH_USER_VERIFICATION",
  };
  return { RelyingPartyId: location.hostname, ...(mfa === "OFF" ? alone : both) };
}

/** Whether people see where they are signed in; then there is a most of places, too. */
function setSessions(aws, userPoolId, { sessions }) {
  return aws.cognito("SetUserPoolSessionConfiguration", {
    UserPoolId: userPoolId,
    UserSessionTracking: sessions ? "ENABLED" : "DISABLED",
    TokenSession: { MaxPerUser: 25 },
  });
}

async function otherSites(aws, userPoolId) {
  const { makeOtherSites } = await import("./other-sites.js");
  return makeOtherSites(aws, userPoolId);
}

/** For the app client: where one may come from, and go back to. */
function otherSitesSettings(back) {
  return {
    SupportedIdentityProviders: ["COGNITO", PROVIDER],
    CallbackURLs: [back],
    LogoutURLs: [back],
    AllowedOAuthFlowsUserPoolClient: true,
    AllowedOAuthFlows: ["code"],
    AllowedOAuthScopes: SCOPES,
  };
}

function clientSettings({ sessionMinutes, signInWith = "srp", otherSites }) {
  return {
    ...(otherSites ? otherSitesSettings(PAGE) : {}),
    AuthSessionValidity: sessionMinutes,
    EnableTokenRevocation: true,
    ExplicitAuthFlows: ["ALLOW_REFRESH_TOKEN_AUTH", ...AUTH_FLOWS[signInWith]],
  };
}

function policy(statement) {
  return JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...statement }] });
}
