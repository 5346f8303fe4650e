// A person who is there already: both contacts verified, and a password that the page knows.
import { Refused } from "./aws.js";

export const DEMO_USER = {
  username: "demo",
  password: "Correct-Horse-7",
  email: "demo@example.com",
  // A number that Germany keeps for films.
  phone: "+491713920001",
};

/** Makes the person, or makes them as they were. `withSms`: with codes by SMS as the second factor. */
export async function readyUser(admin, withSms) {
  const { username: Username, password: Password, email, phone } = DEMO_USER;
  const UserAttributes = Object.entries({
    email,
    email_verified: "true",
    phone_number: phone,
    phone_number_verified: "true",
  }).map(([Name, Value]) => ({ Name, Value }));
  try {
    await admin("AdminCreateUser", { Username, UserAttributes, MessageAction: "SUPPRESS" });
  } catch (error) {
    if (!(error instanceof Refused) || error.name !== "UsernameExistsException") throw error;
    await admin("AdminUpdateUserAttributes", { Username, UserAttributes });
    await admin("AdminEnableUser", { Username });
  }
  await admin("AdminSetUserPassword", { Username, Password, Permanent: true });
  const off = { Enabled: false, PreferredMfa: false };
  await admin("AdminSetUserMFAPreference", {
    Username,
    SMSMfaSettings: { Enabled: withSms, PreferredMfa: withSms },
    EmailMfaSettings: off,
    SoftwareTokenMfaSettings: off,
  });
}
