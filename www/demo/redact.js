// What of a request or reply may be shown: secrets are blotted out by name, and long texts cut.

const SECRET = [
  "AccessToken",
  "ClientMetadata",
  "ClientSecret",
  "Code",
  "ConfirmationCode",
  "Credential",
  "DeviceKey",
  "DeviceSecretVerifierConfig",
  "IdToken",
  "NewDeviceMetadata",
  "Password",
  "PreviousPassword",
  "ProposedPassword",
  "RefreshToken",
  "SecretCode",
  "SecretHash",
  "Session",
  "TemporaryPassword",
  "Token",
  "UserCode",
  // Inside AuthParameters, ChallengeParameters and ChallengeResponses:
  "ANSWER",
  "CREDENTIAL",
  "DEVICE_KEY",
  "EMAIL_OTP_CODE",
  "NEW_PASSWORD",
  "PASSWORD",
  "PASSWORD_CLAIM_SECRET_BLOCK",
  "PASSWORD_CLAIM_SIGNATURE",
  "REFRESH_TOKEN",
  "SALT",
  "SECRET_BLOCK",
  "SECRET_HASH",
  "SMS_MFA_CODE",
  "SMS_OTP_CODE",
  "SOFTWARE_TOKEN_MFA_CODE",
  // Of /oauth2/token:
  "access_token",
  "id_token",
  "refresh_token",
];

const LONGEST = 48;

/** A copy of a JSON value without its secrets. */
export function redact(value, name = "") {
  if (SECRET.includes(name)) return "•••";
  if (Array.isArray(value)) return value.map((item) => redact(item));
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, redact(item, key)]));
  }
  if (typeof value === "string" && value.length > LONGEST) return `${value.slice(0, LONGEST)}…`;
  return value;
}

/** The same for a body as it went over the wire. What is not JSON is not shown. */
export function redactBody(text) {
  if (text === "") return "";
  try {
    return JSON.stringify(redact(JSON.parse(text)), null, 2);
  } catch {
    return `… (${text.length})`;
  }
}
