import { el } from "../dom.js";
import { hasPasskeys } from "../passkeys.js";
import { accountList, described, sureButton } from "./list.js";

/** The passkeys that open this account, and another one. */
export function passkeyList(app) {
  const { texts, flow } = app;
  const nameOf = ({ name }) => name ?? texts("account.passkeys.unnamed");
  return accountList(app, {
    label: texts("account.passkeys"),
    load: () => flow.account.passkeys(),
    item: (passkey, change) => [
      described(nameOf(passkey), [], [
        passkey.createdAt && texts("account.createdAt", { time: texts.dateAndTime(passkey.createdAt) }),
      ]),
      sureButton(app, texts("account.passkeys.delete"), nameOf(passkey), () =>
        change(() => flow.account.deletePasskey(passkey.id), texts("account.passkeys.deleted")),
      ),
    ],
    empty: texts("account.passkeys.none"),
    say: (error) => notMade(error, texts),
    after: (change) => (hasPasskeys() ? createButton(app, change) : noPasskeys(texts)),
  });
}

function createButton({ texts, flow }, change) {
  const click = () => change(() => flow.account.createPasskey(), texts("account.passkeys.created"));
  return el("div", { class: "actions" }, el("button", { type: "button", class: "secondary", click }, texts("account.passkeys.create")));
}

function noPasskeys(texts) {
  return el("p", { class: "hint" }, texts("error.passkeyUnsupported"));
}

/** Here the prompt is about a new one, and the browser says when it is there already. */
function notMade({ code, cause }, texts) {
  if (code !== "passkeyFailed") return null;
  const isThere = cause?.name === "InvalidStateError";
  return texts(isThere ? "account.passkeys.there" : "account.passkeys.notMade");
}
