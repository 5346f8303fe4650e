// The administrator: users and what only an administrator may do with them. A person who lost the
// phone cannot change its number; this is where it is changed.
import { el, own, uniqueId } from "../../ui/dom.js";
import { ask } from "../ask.js";
import { actionForm, attempt, statusLine } from "./action.js";

export function administrator({ texts, world }) {
  const list = el("div", { class: "users" });
  // A user is drawn anew when something of theirs changed; this stays.
  const parts = { texts, world, status: statusLine() };
  const element = el(
    "div",
    {},
    el("h3", {}, texts("admin.users")),
    parts.status,
    list,
    el("details", {}, el("summary", {}, texts("admin.create")), createForm(parts)),
  );
  let shown = null;
  return {
    element,
    show({ users }) {
      const now = JSON.stringify(users);
      if (now === shown) return;
      shown = now;
      const open = new Set(
        [...list.querySelectorAll("details[open]")].map((user) => user.dataset.name),
      );
      const focused = list.contains(document.activeElement)
        ? document.activeElement.dataset.focus
        : null;
      list.replaceChildren(
        ...users.map((user) => userDetails(user, open.has(user.Username), parts)),
      );
      if (users.length === 0)
        list.replaceChildren(el("p", { class: "hint" }, texts("admin.empty")));
      [...list.querySelectorAll("[data-focus]")]
        .find((it) => it.dataset.focus === focused)
        ?.focus();
    },
  };
}

function userDetails(user, isOpen, { texts, world, status }) {
  const name = user.Username;
  const attributes = Object.fromEntries(user.Attributes.map(({ Name, Value }) => [Name, Value]));
  const alert = el("p", { class: "form-error", role: "alert" });
  const call = (operation) => async () => {
    status.textContent = "";
    const done = await attempt(alert, () => world.admin(operation, { Username: name }));
    if (done) status.textContent = texts("settings.saved");
  };
  const remove = async () => {
    const question = texts("admin.delete.ask", { username: name });
    if (await ask({ texts, question, action: texts("admin.delete") })) await call("AdminDeleteUser")();
  };
  const button = (key, act, kind = "secondary") =>
    el(
      "button",
      { type: "button", class: `${kind} small`, "data-focus": `${name} ${key}`, click: act },
      texts(key),
    );
  return el(
    "details",
    { class: "user", open: isOpen, "data-name": name },
    el(
      "summary",
      {},
      el("strong", {}, name),
      " ",
      el("span", { class: "badge" }, user.UserStatus),
      user.Enabled ? null : [" ", el("span", { class: "badge warn" }, texts("admin.disabled"))],
    ),
    contactForm("phone_number", name, attributes, { texts, world, status }),
    contactForm("email", name, attributes, { texts, world, status }),
    temporaryPasswordForm(name, { texts, world, status }),
    el(
      "div",
      { class: "actions" },
      user.UserStatus === "UNCONFIRMED"
        ? button("admin.confirm", call("AdminConfirmSignUp"))
        : null,
      button("admin.reset", call("AdminResetUserPassword")),
      user.Enabled
        ? button("admin.disable", call("AdminDisableUser"))
        : button("admin.enable", call("AdminEnableUser")),
      button("admin.signOut", call("AdminUserGlobalSignOut")),
      button("admin.delete", remove, "danger"),
    ),
    alert,
  );
}

function contactForm(attribute, username, attributes, { texts, world, status }) {
  const id = uniqueId(attribute);
  const verified = own(attributes, `${attribute}_verified`) === "true";
  const label = texts(attribute === "email" ? "email.label" : "phone.label");
  return actionForm({
    texts,
    status,
    content: [
      el(
        "div",
        { class: "field" },
        el("label", { for: id }, label),
        el("input", { id, name: "value", value: own(attributes, attribute) ?? "", autocomplete: "off" }),
      ),
      el(
        "label",
        { class: "option" },
        el("input", { type: "checkbox", name: "verified", checked: verified }),
        " ",
        texts("admin.verified"),
      ),
    ],
    action: texts(`admin.change.${attribute}`),
    act: ({ value, verified }) =>
      world.admin("AdminUpdateUserAttributes", {
        Username: username,
        UserAttributes: [
          { Name: attribute, Value: value.trim() },
          { Name: `${attribute}_verified`, Value: String(verified === "on") },
        ],
      }),
  });
}

function temporaryPasswordForm(username, { texts, world, status }) {
  const id = uniqueId("temporary");
  return actionForm({
    texts,
    status,
    content: el(
      "div",
      { class: "field" },
      el("label", { for: id }, texts("admin.temporary")),
      el("input", { id, name: "password", autocomplete: "off", spellcheck: "false" }),
    ),
    action: texts("admin.setTemporary"),
    act: ({ password }) =>
      world.admin("AdminSetUserPassword", {
        Username: username,
        Password: password,
        Permanent: false,
      }),
  });
}

function createForm({ texts, world }) {
  const field = (name, key) => {
    const id = uniqueId(name);
    return el(
      "div",
      { class: "field" },
      el("label", { for: id }, texts(key)),
      el("input", { id, name, autocomplete: "off", spellcheck: "false" }),
    );
  };
  return actionForm({
    texts,
    content: [
      field("username", "username.label"),
      field("email", "email.label"),
      field("phone_number", "phone.label"),
      field("temporary", "admin.temporary.optional"),
    ],
    action: texts("admin.create.action"),
    done: "admin.created",
    act: async ({ username, email, phone_number, temporary }, form) => {
      const attributes = Object.entries({ email, phone_number }).filter(
        ([, value]) => value !== "",
      );
      await world.admin("AdminCreateUser", {
        Username: username,
        UserAttributes: attributes.map(([Name, Value]) => ({ Name, Value })),
        ...(temporary === "" ? {} : { TemporaryPassword: temporary }),
        DesiredDeliveryMediums: attributes.map(([name]) => (name === "email" ? "EMAIL" : "SMS")),
      });
      form.reset();
    },
  });
}
