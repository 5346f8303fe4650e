import { el } from "../dom.js";
import { accountList } from "./list.js";

/** With what this person can begin to sign in. */
export function firstFactors(app) {
  const { texts, flow } = app;
  return accountList(app, {
    label: texts("account.factors"),
    load: () => flow.account.factors(),
    item: (factor) => el("span", {}, texts(`way.${factor}`)),
    empty: texts("account.factors.none"),
  });
}
