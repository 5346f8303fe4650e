// What this browser has of passkeys.

/** Whether it has any. */
export function hasPasskeys() {
  return "PublicKeyCredential" in globalThis;
}

/** Whether it offers them in a form's field. */
export async function canAutofill() {
  try {
    return (await globalThis.PublicKeyCredential?.isConditionalMediationAvailable?.()) === true;
  } catch {
    return false;
  }
}
