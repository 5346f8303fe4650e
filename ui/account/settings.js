// What a signed-in person changes without being asked: each part calls `flow.account`, and is loaded when
// it is opened.
import { el } from "../dom.js";
import { errorText } from "../errors.js";

const usual = () => import("./usual.js");

const PARTS = {
  factors: async () => (await import("./factors.js")).firstFactors,
  passkeys: async () => (await import("./passkeys.js")).passkeyList,
  mfa: async () => (await usual()).mfaPreference,
  contact: async () => (await usual()).changeContact,
  password: async () => (await usual()).changePassword,
  devices: async () => (await import("./devices.js")).deviceList,
  sessions: async () => (await import("./sessions.js")).sessionList,
  delete: async () => (await usual()).deleteUser,
};

/** Each part says whose account it acts on, and is gone when that is somebody else's. */
export function accountSettings(app, { username }) {
  const { texts } = app;
  const whose = () => el("p", { class: "hint whose" }, texts("account.of", { username }));
  const part = ([name, load]) => {
    const content = el("div");
    let openings = 0;
    // Made when it is opened: what it shows is then as it is now.
    const toggle = async () => {
      openings += 1;
      const opening = openings;
      content.replaceChildren();
      if (!element.open) return;
      const made = await load().then(
        (make) => (app.isCurrent() ? make(app) : null),
        () => el("p", { class: "form-error", role: "alert" }, errorText({ code: "offline" }, texts)),
      );
      if (opening === openings && made !== null) content.replaceChildren(whose(), made);
    };
    const element = el("details", { toggle }, el("summary", {}, texts(`account.${name}`)), content);
    return element;
  };
  return el(
    "div",
    { class: "account" },
    Object.entries(PARTS)
      .filter(([name]) => app.account.includes(name))
      .map(part),
  );
}
