import { attributeField } from "../attribute-field.js";
import { own } from "../dom.js";
import { callForm } from "./call-form.js";

/** Another email address or phone number. The pool sends a code to it; then it can be verified. */
export function changeContact(app) {
  const { texts, flow, ask, send } = app;
  const { attributes } = flow.snapshot();
  const fields = [
    attributeField(app, { name: "email", value: own(attributes, "email") ?? "", required: false }),
    attributeField(app, {
      name: "phone_number",
      value: own(attributes, "phone_number") ?? "",
      required: false,
    }),
  ];
  return callForm({
    app,
    fields,
    action: texts("account.save"),
    call: async (values) => {
      const current = flow.snapshot().attributes;
      const entries = Object.entries(values);
      const changed = entries.filter(([name, value]) => value !== "" && value !== own(current, name));
      const removed = entries.filter(([name, value]) => value === "" && Object.hasOwn(current, name));
      if (removed.length > 0) {
        await ask(() => flow.account.deleteAttributes(removed.map(([name]) => name)));
      }
      if (changed.length === 0) return removed.length > 0 ? texts("account.contactSaved") : undefined;
      const { unverified } = await ask(() =>
        flow.account.updateAttributes(Object.fromEntries(changed)),
      );
      const attribute = changed.map(([name]) => name).find((name) => unverified.includes(name));
      if (attribute) send({ type: "verifyAttribute", attribute });
      return texts("account.contactSaved");
    },
  });
}
