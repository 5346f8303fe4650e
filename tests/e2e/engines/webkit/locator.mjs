// As much of Playwright's `Locator` as the tests use. What is done is done by WebDriver: the mouse and keys.
import { setTimeout as sleep } from "node:timers/promises";
import { find } from "./find.mjs";

const PATIENCE_MS = 20_000;

/** In the page, of what was found. */
const SEEN = "found.some((one) => one.checkVisibility({ visibilityProperty: true }))";

export class Locator {
  #page;
  #steps;

  constructor(page, steps) {
    this.#page = page;
    this.#steps = steps;
  }

  locator(selector, { hasText } = {}) {
    const [, css, text] = /^(.*?)(?::has-text\('(.*)'\))?$/.exec(selector);
    // One after the other, since what is below may be in a tree of its own.
    const parts = css.split(/ +/).map((part) => ({ kind: "css", css: part }));
    parts.at(-1).hasText = matcher(text ?? hasText);
    return parts.reduce((found, part) => found.#with(part), this);
  }

  getByRole(role, { name, exact, level } = {}) {
    return this.#with({ kind: "role", role, level, name: matcher(name, exact) });
  }

  getByLabel(text, { exact } = {}) {
    return this.#with({ kind: "label", label: matcher(text, exact) });
  }

  getByText(text, { exact } = {}) {
    return this.#with({ kind: "text", text: matcher(text, exact) });
  }

  filter({ hasText }) {
    return this.#with({ kind: "having", hasText: matcher(hasText) });
  }

  first() {
    return this.#with({ kind: "nth", nth: 0 });
  }

  last() {
    return this.#with({ kind: "nth", nth: -1 });
  }

  count() {
    return this.#ask("found.length");
  }

  isVisible() {
    return this.#ask(SEEN);
  }

  async isHidden() {
    return !(await this.isVisible());
  }

  textContent() {
    return this.#whenThere("attached", "found[0].textContent");
  }

  isChecked() {
    return this.#whenThere("attached", "found[0].checked");
  }

  /** What a function of the element comes to, in the page. */
  async evaluate(script) {
    return this.#page.evaluate(script, await this.elementHandle());
  }

  boundingBox() {
    return this.#whenThere("attached", "found[0].getBoundingClientRect().toJSON()");
  }

  getAttribute(name) {
    return this.#whenThere("attached", `found[0].getAttribute(${JSON.stringify(name)})`);
  }

  inputValue() {
    return this.#whenThere("attached", "found[0].value");
  }

  async waitFor({ state = "visible" } = {}) {
    await this.#whenThere(state);
  }

  async elementHandle() {
    await this.waitFor({ state: "attached" });
    return this.#page.evaluate(`(${find})(${JSON.stringify(this.#steps)})[0]`);
  }

  async click() {
    await this.#act("click");
  }

  /** By keys, in place of what is there. */
  async fill(text) {
    await this.#act("clear");
    if (text !== "") await this.#act("value", { text });
  }

  /** By its value or its label. */
  async selectOption(wanted) {
    await this.waitFor();
    const list = await this.elementHandle();
    const choose = ([list, wanted]) => [...list.options].find(({ value, label }) => value === wanted || label === wanted);
    const option = await this.#page.evaluate(choose, [list, wanted]);
    await this.#page.command("POST", `/element/${await this.#page.reference(option)}/click`, {});
  }

  async check() {
    if (!(await this.#whenThere("visible", "found[0].checked"))) await this.click();
  }

  async uncheck() {
    if (await this.#whenThere("visible", "found[0].checked")) await this.click();
  }

  #with(step) {
    return new Locator(this.#page, [...this.#steps, step]);
  }

  #ask(expression) {
    return this.#page.evaluate(`() => { const found = (${find})(${JSON.stringify(this.#steps)}); return ${expression}; }`);
  }

  /** Waits for the first to be there, or for none to be: what `expression` then is. */
  async #whenThere(state, expression = "true") {
    const end = Date.now() + PATIENCE_MS;
    const condition = {
      attached: "found.length > 0",
      visible: SEEN,
      hidden: `!${SEEN}`,
      detached: "found.length === 0",
    }[state];
    for (;;) {
      const answer = await this.#ask(`(${condition}) ? [${expression}] : null`).catch((error) => {
        if (error.inPage) throw error;
        return null;
      });
      if (answer !== null) return answer[0];
      if (Date.now() > end) throw new Error(`never ${state}: ${JSON.stringify(this.#steps)}`);
      await sleep(20);
    }
  }

  /** Once it can be done: an element may still be covered, or be replaced in that moment. */
  async #act(action, body = {}) {
    const end = Date.now() + PATIENCE_MS;
    for (;;) {
      try {
        await this.waitFor();
        const element = await this.elementHandle();
        if (action === "click") await this.#page.evaluate("(one) => one.scrollIntoView({ block: 'center' })", element);
        const reference = await this.#page.reference(element);
        return await this.#page.command("POST", `/element/${reference}/${action}`, body);
      } catch (error) {
        if (Date.now() > end || !TRANSIENT.includes(error.error)) throw error;
        await sleep(50);
      }
    }
  }
}

const TRANSIENT = [
  "stale element reference",
  "element click intercepted",
  "element not interactable",
  "invalid element state",
  "no such element",
];

/** A text or an expression, as data. */
function matcher(text, exact = false) {
  if (text === undefined) return undefined;
  return text instanceof RegExp ? { pattern: text.source, flags: text.flags } : { text, exact };
}
