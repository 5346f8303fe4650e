// For Vue: the snapshot of a flow as a ref, for as long as the scope that asks for it; the forms as components.
import { defineComponent, h, onBeforeUnmount, onMounted, onScopeDispose } from "vue";
import { shallowReadonly, shallowRef, watch } from "vue";
import { holdElement } from "./sign-in.js";

export function useFlow(flow) {
  const snapshot = shallowRef(flow.snapshot());
  onScopeDispose(flow.subscribe(() => (snapshot.value = flow.snapshot())));
  return shallowReadonly(snapshot);
}

/** Those of `createFlow`, and those of the forms. */
const OPTIONS = [
  ...["flow", "userPoolId", "clientId", "endpoint", "fetch", "storage", "profile", "signInWith", "verify"],
  ...["devices", "deviceName", "issuer", "redirect", "passkeys", "sessionSeconds", "timeoutMs"],
  ...["clientMetadata", "lang", "texts", "theme", "usernameIs", "fields", "views", "start", "navigation"],
  ...["required", "confirmBy", "support", "policy", "lastUsername", "redirects", "account"],
  ...["describeChallenge", "signedInView"],
];
const SWITCHES = ["offerPasskeys", "passwordless", "askRemember"];
const PROPS = Object.fromEntries([
  ...OPTIONS.map((name) => [name, { type: null }]),
  // Vue would make `false` of what is left out.
  ...SWITCHES.map((name) => [name, { type: Boolean, default: undefined }]),
]);
const SLOTS = ["header", "footer", "support", "signed-in"];

export const CognitoSignIn = component("CognitoSignIn", "cognito-sign-in");
export const CognitoAccount = component("CognitoAccount", "cognito-account");

function component(name, tag) {
  return defineComponent({
    name,
    props: PROPS,
    emits: ["step", "signedIn", "signedOut", "failure"],
    setup(props, { emit, slots }) {
      const element = shallowRef(null);
      let held = null;
      const told = {
        onStep: (...said) => emit("step", ...said),
        onSignedIn: (...said) => emit("signedIn", ...said),
        onSignedOut: (...said) => emit("signedOut", ...said),
        onFailure: (error) => emit("failure", error),
      };
      onMounted(() => {
        held = holdElement(element.value);
        watch(() => ({ ...props }), (given) => held.update({ ...given, ...told }), { immediate: true });
      });
      onBeforeUnmount(() => held?.end());
      const placed = (slot) => slots[slot] && h("div", { slot }, slots[slot]());
      return () => h(tag, { ref: element }, [slots.default?.(), ...SLOTS.map(placed)]);
    },
  });
}
