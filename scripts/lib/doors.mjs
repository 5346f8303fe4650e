// Where the client's module is cut in two (split.mjs). The first part is what every page needs: to know
// who is signed in, to keep their tokens fresh, to follow other tabs, to say when time has run out, and to
// sign out: what is left behind must be gone at once, also where nothing can be loaded. What else a person
// does, and what comes of it, is behind these doors.
//
// In the sources each of them is marked, and kept from being written out where it is called. A function
// that is reached through doors alone is in the second part with them.
const METHODS = {
  "ask::Ask": ["of_account"],
  "event::Event": ["read_any"],
  "flow::Flow": [
    "begin_offer",
    "cancel",
    "judge_given",
    "leave",
    "on_account",
    "on_authorized",
    "on_offer",
    "on_passkey",
    "on_returned",
    "on_revoked",
    "on_user_again",
    "prompt",
    "prompt_ended",
    "prompted",
    "renew_offer",
    "take_up",
  ],
  "flow::authorized::Authorized": ["write"],
  "flow::awaiting::Expect": ["take"],
  "flow::challenge::Challenge": ["check", "keep", "offers", "show", "show_once"],
  "flow::prove::ahead::Ahead": ["prepare"],
  "flow::session::Session": ["begin"],
  "flow::step::Step": ["on_way"],
};
const FUNCTIONS = ["protocol::meaning"];

/** What is called through a pointer: closures that are made behind the doors alone, and what nothing calls. */
const POINTED = [
  /\bcognito_flow::flow::(challenge|ways|authorized)\b.*\{closure#\d+\}/,
  /^wasm_bindgen::convert::closures::_::invoke::<(?!\(\), true>)/,
  /^js_sys::futures::/,
];

const doors = new Set([
  ...Object.entries(METHODS).flatMap(([type, names]) => names.map((name) => `<cognito_flow::${type}>::${name}`)),
  ...FUNCTIONS.map((name) => `cognito_flow::${name}`),
]);

/** A function's name as it is written: without the hashes of crates, escapes and quotes. */
export const plainName = (name) =>
  name.replace(/^\$"?|"$/g, "").replaceAll(/\[[0-9a-f]{8,}\]/g, "");

export const isDoor = (name) => doors.has(plainName(name)) || POINTED.some((it) => it.test(plainName(name)));

/** The doors that none of these functions is: names that the sources no longer have. */
export function missingDoors(names) {
  const plain = new Set(names.map(plainName));
  return [...doors].filter((name) => !plain.has(name));
}
