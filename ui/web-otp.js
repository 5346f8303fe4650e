// WebOTP: where the browser can read a code from an SMS that names this site, it offers it.

/**
 * Fills the code of an SMS into a field and submits the form, should the browser offer one and the
 * person accept. Ends when the returned function is called.
 */
export function acceptCodeFromSms(field, submit) {
  const left = new AbortController();
  codeFromSms(left.signal).then((code) => {
    if (code === null || left.signal.aborted) return;
    field.input.value = code;
    submit();
  });
  return () => left.abort();
}

async function codeFromSms(signal) {
  if (!("OTPCredential" in window)) return null;
  try {
    const credential = await navigator.credentials.get({ otp: { transport: ["sms"] }, signal });
    return credential?.code ?? null;
  } catch {
    // Refused, not understood, or no longer wanted: then the person types it.
    return null;
  }
}
