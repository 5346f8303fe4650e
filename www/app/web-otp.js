// WebOTP: where the browser can read a code from an SMS that names this site, it offers it.

/** Waits for a code until the signal aborts. Answers null where the browser or person will not. */
export async function codeFromSms(signal) {
  if (!("OTPCredential" in window)) return null;
  try {
    const credential = await navigator.credentials.get({ otp: { transport: ["sms"] }, signal });
    return credential?.code ?? null;
  } catch {
    return null;
  }
}
