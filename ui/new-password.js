// The field of a password that is chosen: the pool's rules, ticked off while typing.
import { el, ownOf, uniqueId } from "./dom.js";
import { passwordField } from "./fields.js";
import { DEFAULT_POLICY, checkPassword, strengthOf } from "./policy.js";

/** As `passwordField`, with the pool's `policy`; null is Cognito's. */
export function newPasswordField(options) {
  const { texts, policy: given, ...rest } = ownOf(options);
  const policy = given ?? DEFAULT_POLICY;
  const field = passwordField({ texts, ...rest, autocomplete: "new-password" });
  field.element.append(policyList(field, texts, policy), strengthHint(field, texts));
  const check = () =>
    checkPassword(field.value(), policy).every(({ met }) => met) ? null : texts("error.invalidPassword");
  return { ...field, check };
}

function policyList(field, texts, policy) {
  const list = el("ul", { class: "policy", id: uniqueId("policy") });
  const show = () => {
    const rules = checkPassword(field.input.value, policy).map(({ name, met, length }) =>
      el(
        "li",
        { class: met ? "met" : "unmet" },
        texts(`policy.${name}`, { length }),
        el(
          "span",
          { class: "visually-hidden" },
          ` – ${texts(met ? "policy.met" : "policy.unmet")}`,
        ),
      ),
    );
    list.replaceChildren(...rules);
  };
  field.input.addEventListener("input", show);
  field.describeBy(list.id);
  show();
  return list;
}

/** How hard it is to guess: no rule, but what rules are for. */
function strengthHint(field, texts) {
  const hint = el("p", { class: "hint", id: uniqueId("strength") });
  const show = () => {
    const password = field.value();
    hint.textContent = password === "" ? "" : texts(`strength.${strengthOf(password)}`);
  };
  field.input.addEventListener("input", show);
  field.describeBy(hint.id);
  return hint;
}
