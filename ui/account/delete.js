import { el } from "../dom.js";
import { textField } from "../fields.js";
import { callForm } from "./call-form.js";

/** Deleting oneself takes typing one's name: there is no way back. */
export function deleteUser(app) {
  const { texts, flow, ask } = app;
  const { username } = flow.snapshot();
  const confirmation = textField({
    name: "name",
    label: texts("account.deleteConfirm", { username }),
    autocomplete: "off",
  });
  return callForm({
    app,
    kind: "danger",
    before: el("p", {}, texts("account.deleteText")),
    fields: [confirmation],
    action: texts("account.delete"),
    call: async ({ name }) => {
      if (name === username) {
        app.farewell("notice.deleted");
        return ask(flow.account.deleteUser).catch((error) => {
          app.farewell(null);
          throw error;
        });
      }
      confirmation.setError(texts("account.deleteMismatch"));
      return "";
    },
  });
}
