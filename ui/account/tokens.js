import { copyButton } from "../copy.js";
import { errorText } from "../errors.js";
import { el } from "../dom.js";

/** The tokens, on asking only: each as a readable table, with a button that copies it. */
export function tokenTable({ flow, texts, ask, isCurrent }) {
  const content = el("div", { class: "tokens" });
  const element = el(
    "details",
    { toggle: () => (element.open ? open() : content.replaceChildren()) },
    el("summary", {}, texts("tokens.title")),
    content,
  );

  const open = async () => {
    try {
      const { decodeToken } = await import("./jwt.js");
      const { idToken, accessToken } = await ask(() => flow.session());
      if (!element.open || !isCurrent()) return;
      content.replaceChildren(
        ...tokenView("tokens.id", idToken, decodeToken(idToken)),
        ...tokenView("tokens.access", accessToken, decodeToken(accessToken)),
      );
    } catch (error) {
      if (!isCurrent()) return;
      content.replaceChildren(
        el("p", { class: "form-error", role: "alert" }, errorText(error, texts)),
      );
    }
  };
  const tokenView = (key, token, claims) => {
    const whole = el("code", { class: "secret", hidden: true }, token);
    const notCopied = () => (whole.hidden = false);
    const copy = copyButton(texts, texts(`${key}.copy`), token, { notCopied });
    const rows = Object.entries(claims).map(([claim, value]) =>
      el("tr", {}, el("th", { scope: "row" }, claim), el("td", {}, el("bdi", {}, readable(claim, value)))),
    );
    const name = texts(key);
    return [
      el("h3", {}, name),
      el(
        "div",
        { class: "scrolls", tabindex: "0", role: "region", "aria-label": name },
        el("table", {}, el("tbody", {}, rows)),
      ),
      el("div", { class: "actions" }, copy),
      whole,
    ];
  };
  const readable = (claim, value) => {
    if (["exp", "iat", "auth_time"].includes(claim)) return texts.dateAndTime(value * 1000);
    return typeof value === "string" ? value : JSON.stringify(value);
  };
  return element;
}
