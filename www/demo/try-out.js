// Has the pool, the money and a person ready for something to try, and the form filled in.
import { DEMO_USER, readyUser } from "./demo-user.js";
import { fillPerson, focusForm } from "./form.js";
import { DEFAULTS, FIRST_FACTORS } from "./setup.js";
import { USUAL } from "./world.js";

/** For a few text messages to anywhere. */
const ENOUGH_MICRO_USD = 200_000;

const SIGN_IN = ["username", "password"];

/**
 * What each needs: `settings` of the pool, a `user` who is there, `withSms` as their second factor;
 * `broke`: no money is left for SMS; `lost`: their phone is; `asItIs`: the pool stays so. `view` is the form,
 * `fills` what is filled in, `pane` what is opened behind the scenes.
 */
const NEEDS = {
  demo: { user: true, asItIs: true, fills: SIGN_IN },
  signUp: { view: "#sign-up" },
  mfa: { user: true, withSms: true, fills: SIGN_IN },
  forgot: { user: true, view: "#forgot-password", fills: ["username"] },
  choice: {
    user: true,
    settings: { signInWith: "choice", firstFactors: ["PASSWORD", ...FIRST_FACTORS] },
    fills: ["username"],
  },
  lost: { user: true, withSms: true, lost: true, fills: SIGN_IN, pane: "admin" },
  money: { user: true, withSms: true, broke: true, fills: SIGN_IN, pane: "sms" },
};

/** Sets up what is named, and says in `note` what to do then. */
export async function tryOut(name, note, { texts, world, card, currentFlow, openPane }) {
  const needs = NEEDS[name];
  try {
    await leave(currentFlow());
    await setUp(world, needs);
  } catch (error) {
    note.textContent = texts("try.failed");
    throw error;
  }
  note.textContent = texts(`try.${name}.next`, DEMO_USER);
  if (needs.pane) openPane(needs.pane);
  await fill(card, needs);
  note.scrollIntoView({ block: "nearest" });
}

async function setUp(world, { settings = {}, user, withSms = false, lost = false, broke, asItIs }) {
  if (!asItIs) {
    if (world.state().role !== "ok") await world.setRole("ok");
    const wanted = { ...DEFAULTS, ...USUAL, ...settings };
    // Where MFA is required that stays so; what is to be tried wants it to be each person's choice.
    if (world.state().settings.mfa === "ON") await world.newPool(wanted);
    else await world.changePool(wanted);
    await leaveMoney(world, broke);
  }
  if (user) await readyUser(world.admin, withSms);
  await world.losePhone(DEMO_USER.phone, lost);
}

/** Spends what is left, or sees to it that there is some. */
async function leaveMoney(world, nothing) {
  const { monthToDateMicroUsd: spent, limitMicroUsd: limit } = world.state().spending;
  if (nothing) await world.spend(Math.max(0, limit - spent - 1));
  else if (limit - spent < ENOUGH_MICRO_USD) {
    await world.raiseSpendLimit(Math.ceil(spent / 1_000_000) + 1, "The demo goes on");
  }
}

/** Whoever is signed in signs out; what waits ends. */
async function leave(flow) {
  const way = ["signOut", "cancel"].find((type) => flow.accepts(type));
  if (way !== undefined) await flow.send({ type: way });
}

async function fill(card, { view = "#sign-in", fills }) {
  location.hash = view;
  if (fills === undefined) return focusForm(card);
  await fillPerson(card, Object.fromEntries(fills.map((name) => [name, DEMO_USER[name]])));
}
