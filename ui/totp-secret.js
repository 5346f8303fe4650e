// The secret of an authenticator app: as a picture, as a link for an app on this device, and as text.
import { copyButton } from "./copy.js";
import { el } from "./dom.js";

/** `{ secret, uri }` as the flow gives it. */
export function totpSecret({ texts }, { secret, uri }) {
  const picture = el("div", { class: "qr-place" });
  // Without the picture the secret itself is enough.
  drawn(uri, texts("totp.qr")).then(
    (image) => picture.replaceChildren(image),
    () => picture.remove(),
  );
  // Read out and copied whole, shown in groups that the eye can keep.
  const groups = (secret.match(/.{1,4}/g) ?? []).map((group) => el("span", {}, group));
  return el(
    "div",
    { class: "totp" },
    picture,
    // Nothing but what opens an authenticator app becomes a link.
    uri.startsWith("otpauth:") ? el("p", {}, el("a", { href: uri }, texts("totp.open"))) : null,
    el("p", {}, texts("totp.byHand")),
    el("code", { class: "secret" }, groups),
    el("div", { class: "actions" }, copyButton(texts, texts("totp.copy"), secret, { kind: "secondary small" })),
  );
}

/** Loaded when it is needed, which for most people is never. */
async function drawn(uri, label) {
  const { qrCode } = await import("./qr.js");
  return qrCode(uri, label);
}
