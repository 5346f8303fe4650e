/** The claims of a JWT, to be read by a person. Nothing is verified: that is the server's work. */
export function decodeToken(token) {
  const [, payload = ""] = token.split(".");
  const base64 = payload.replaceAll("-", "+").replaceAll("_", "/");
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}
