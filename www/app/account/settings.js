// What a signed-in person changes without being asked: each part calls `flow.account`.
import { el } from "../dom.js";
import { changeContact } from "./contact.js";
import { changePassword } from "./password.js";
import { deleteUser } from "./delete.js";
import { deviceList } from "./devices.js";
import { firstFactors } from "./factors.js";
import { mfaPreference } from "./mfa.js";
import { passkeyList } from "./passkeys.js";
import { sessionList } from "./sessions.js";

const PARTS = {
  factors: firstFactors,
  passkeys: passkeyList,
  mfa: mfaPreference,
  contact: changeContact,
  password: changePassword,
  devices: deviceList,
  sessions: sessionList,
  delete: deleteUser,
};

/** Each part says whose account it acts on, and is gone when that is somebody else's. */
export function accountSettings(app, { username }) {
  const whose = () => el("p", { class: "hint whose" }, app.texts("account.of", { username }));
  const part = (key, make) => {
    const content = el("div");
    // Made when it is opened: what it shows is then as it is now.
    const element = el(
      "details",
      {
        toggle: () => content.replaceChildren(...(element.open ? [whose(), make(app)] : [])),
      },
      el("summary", {}, app.texts(key)),
      content,
    );
    return element;
  };
  return el(
    "div",
    { class: "account" },
    Object.entries(PARTS)
      .filter(([name]) => app.account.includes(name))
      .map(([name, make]) => part(`account.${name}`, make)),
  );
}
