// The looks: one accent, system fonts, light and dark as the page has it. All of it is in a layer and
// in a shadow root; what an app may set are the properties `--cognito-…`, each named once in `TOKENS`.

/** Name, what it is in the light, and in the dark where that is another. */
export const TOKENS = [
  ["surface", "#ffffff", "#181b21"],
  ["sunken", "#eef0f4", "#21252d"],
  ["text", "#1a1d24", "#e9ebef"],
  ["muted", "#565e6c", "#a7afbc"],
  ["line", "#dde0e7", "#2c313a"],
  ["control", "#7d8695", "#79828f"],
  ["accent", "#2f55c8", "#93b1ff"],
  ["accent-strong", "#2446ac", "#b1c6ff"],
  ["on-accent", "#ffffff", "#10193a"],
  ["good", "#17683a", "#86dba6"],
  ["good-surface", "#e3f3e9", "#163423"],
  ["warn", "#7d4a00", "#f2c274"],
  ["warn-surface", "#fcefd8", "#3a2c12"],
  ["bad", "#b0221b", "#ff9f96"],
  ["radius", "14px"],
  ["small-radius", "9px"],
  ["border", "1px"],
  ["shadow", "0 1px 2px rgb(20 25 40 / 6%), 0 8px 24px rgb(20 25 40 / 6%)"],
  ["font", 'system-ui, -apple-system, "Segoe UI", Roboto, "Hiragino Sans", "Noto Sans", sans-serif'],
  ["mono", 'ui-monospace, "SF Mono", Menlo, Consolas, monospace'],
  ["size", "max(1rem, 16px)"],
  ["space", "1rem"],
  ["height", "2.75rem"],
  ["heading", "1.375rem"],
  ["width", "26rem"],
];

/** Ready themes: what they have instead. */
export const THEMES = {
  dense: [
    ["size", "max(0.875rem, 14px)"],
    ["space", "0.625rem"],
    ["height", "2.25rem"],
    ["heading", "1.125rem"],
    ["radius", "6px"],
    ["small-radius", "4px"],
    ["shadow", "none"],
    ["width", "22rem"],
  ],
  contrast: [
    ["surface", "#ffffff", "#000000"],
    ["sunken", "#ffffff", "#000000"],
    ["text", "#000000", "#ffffff"],
    ["muted", "#000000", "#ffffff"],
    ["line", "#000000", "#ffffff"],
    ["control", "#000000", "#ffffff"],
    ["accent", "#00239c", "#ffe14d"],
    ["accent-strong", "#001763", "#fff3b0"],
    ["on-accent", "#ffffff", "#000000"],
    ["good", "#004d1f", "#8cffb3"],
    ["good-surface", "#ffffff", "#000000"],
    ["warn", "#5c3300", "#ffcf70"],
    ["warn-surface", "#ffffff", "#000000"],
    ["bad", "#8f0000", "#ffa8a0"],
    ["border", "2px"],
    ["radius", "0px"],
    ["small-radius", "0px"],
    ["shadow", "none"],
  ],
};

/** `--accent: var(--cognito-accent, …)`: what an app set anywhere above the element wins. */
function declared(tokens, valueOf) {
  return tokens
    .map((token) => [token[0], valueOf(token)])
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `--${name}: var(--cognito-${name}, ${value});`)
    .join("\n");
}

const light = ([, value]) => value;
const both = ([, light, dark]) => (dark === undefined ? null : `light-dark(${light}, ${dark})`);

/** The rules of a selector. Browsers without `light-dark()` are given the light colours. */
function rules(selector, tokens) {
  return `${selector} { ${declared(tokens, light)} }
@supports (color: light-dark(#000, #fff)) { ${selector} { ${declared(tokens, both)} } }`;
}

const tokens = [
  rules(".root", TOKENS),
  ...Object.entries(THEMES).map(([name, theme]) => rules(`.root.${name}`, theme)),
].join("\n");

/** A `rem` in what follows is the element's own size, not that of a page that has another idea of it. */
const own = (text) => text.replace(/(?<![\w.])([\d.]+)rem\b/g, "calc(var(--size) * $1)");

/** The forms', whole. */
export const css = `@layer cognito-flow {
${tokens.replace(/(?<=--cognito-(?:space|height|heading|width), )([\d.]+)rem/g, "calc(var(--size) * $1)")}
${own(`:host {
  display: block;
}

:host([hidden]) {
  display: none;
}

.root {
  max-inline-size: var(--width);
  color: var(--text);
  font: 400 1rem/1.5 var(--font);
  letter-spacing: normal;
  text-align: start;
  -webkit-text-size-adjust: 100%;
}

.skeleton {
  border-radius: var(--small-radius);
  background: var(--sunken);
}

.skeleton.line {
  inline-size: 40%;
  block-size: 1.40625rem;
}

.skeleton.row {
  inline-size: 60%;
  block-size: 1.75rem;
}

.skeleton.last {
  block-size: 2.8125rem;
}

.skeleton.heading {
  inline-size: 40%;
  block-size: calc(var(--heading) * 1.25);
}

.skeleton.box {
  block-size: var(--height);
}

*,
*::before,
*::after {
  box-sizing: border-box;
}

[hidden] {
  display: none !important;
}

h1,
h2,
h3,
p,
ol,
ul,
dl,
dd,
fieldset {
  margin: 0;
  padding: 0;
}

h2 {
  font-size: var(--heading);
  line-height: 1.25;
  letter-spacing: -0.015em;
  overflow-wrap: anywhere;
}

h3 {
  font-size: 1rem;
}

h2:focus {
  outline: none;
}

.show-password[aria-pressed="true"] {
  text-decoration: underline;
}

a {
  color: var(--accent);
  text-underline-offset: 0.18em;
}

code,
pre {
  font: 0.8125rem/1.5 var(--mono);
}

:focus-visible {
  outline: 3px solid var(--accent);
  outline-offset: 2px;
}

.hint {
  color: var(--muted);
  font-size: 0.875rem;
}

.visually-hidden {
  position: absolute;
  width: 1px;
  height: 1px;
  padding: 0;
  border: 0;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
}

.surface {
  background: var(--surface);
  border: var(--border) solid var(--line);
  border-radius: var(--radius);
  box-shadow: var(--shadow);
}

.card {
  padding: calc(var(--space) * 1.5);
}

/* Forms */

form,
form > div:not(.field, .actions),
.signed-in,
.loading,
.card > div {
  display: grid;
  gap: var(--space);
  justify-items: stretch;
}

.field {
  display: grid;
  gap: 0.25rem;
}

label,
legend {
  font-size: 0.9375rem;
  font-weight: 550;
}

input:not([type="checkbox"], [type="radio"], .visually-hidden),
select {
  width: 100%;
  min-height: var(--height);
  padding: 0.5rem 0.75rem;
  border: var(--border) solid var(--control);
  border-radius: var(--small-radius);
  background: var(--surface);
  color: inherit;
  font: inherit;
}

input[aria-invalid="true"] {
  border-color: var(--bad);
  box-shadow: 0 0 0 1px var(--bad);
}

input.code:not(.visually-hidden) {
  max-width: 12rem;
  font: 1.375rem/1.3 var(--mono);
  letter-spacing: 0.16em;
}

input[type="checkbox"],
input[type="radio"] {
  width: 1.125rem;
  height: 1.125rem;
  margin: 0.2rem 0 0;
  flex: none;
  accent-color: var(--accent);
}

.option {
  display: flex;
  gap: 0.5rem;
  align-items: flex-start;
  padding: 0.25rem 0;
  font-weight: 400;
}

fieldset {
  min-width: 0;
  border: 0;
}

legend {
  margin-bottom: 0.25rem;
  padding: 0;
}

.with-button {
  display: flex;
  gap: 0.5rem;
}

.with-button input,
.with-country input {
  min-width: 0;
  flex: 1;
}

.with-country {
  display: flex;
  gap: 0.5rem;
}

.country {
  position: relative;
  display: flex;
  flex: none;
  gap: 0.5rem;
  align-items: center;
  min-width: 5rem;
  padding: 0.5rem 0.75rem;
  border: var(--border) solid var(--control);
  border-radius: var(--small-radius);
}

.country::after {
  margin-inline-start: auto;
  border: solid transparent;
  border-width: 0.375rem 0.25rem 0;
  border-block-start-color: currentcolor;
  content: "";
  forced-color-adjust: none;
}

/* What is shown of it is its code; the names take room when it is open. */
.country select {
  position: absolute;
  inset: 0;
  opacity: 0;
  cursor: pointer;
}

.country:focus-within {
  outline: 3px solid var(--accent);
  outline-offset: 2px;
}

.field-error,
.form-error {
  color: var(--bad);
  font-size: 0.9375rem;
}

.field-error:empty,
.form-error:empty,
[role="status"]:empty {
  display: none;
}

.form-error:not(:empty) {
  padding-inline-start: 0.75rem;
  border-inline-start: 3px solid var(--bad);
}

.label-row {
  display: flex;
  flex-wrap: wrap;
  gap: 0 0.5rem;
  align-items: baseline;
  justify-content: space-between;
}

.policy {
  display: grid;
  gap: 0.125rem;
  list-style: none;
  color: var(--muted);
  font-size: 0.8125rem;
}

.policy li::before {
  display: inline-block;
  width: 1.1em;
  content: "○";
}

.policy .met {
  color: var(--good);
}

.policy .met::before {
  content: "✓";
}

/* Buttons */

button {
  min-height: var(--height);
  padding: 0.5rem 1rem;
  border: var(--border) solid transparent;
  border-radius: var(--small-radius);
  background: none;
  color: inherit;
  font: inherit;
  font-weight: 550;
  cursor: pointer;
}

.primary,
.secondary {
  position: relative;
}

.primary {
  background: var(--accent);
  color: var(--on-accent);
}

.primary:hover {
  background: var(--accent-strong);
}

.secondary,
.show-password {
  border-color: var(--control);
}

.secondary:hover,
.show-password:hover {
  background: var(--sunken);
}

.show-password {
  font-size: 0.875rem;
}

.show-password[aria-pressed="true"] {
  background: var(--sunken);
  border-color: var(--accent);
}

.danger {
  border-color: var(--bad);
  color: var(--bad);
}

.small {
  min-height: 2.25rem;
  padding: 0.25rem 0.625rem;
  font-size: 0.875rem;
}

.link {
  min-height: 1.75rem;
  padding: 0;
  border: 0;
  color: var(--accent);
  font-weight: 400;
  text-align: start;
  text-decoration: underline;
  text-underline-offset: 0.18em;
}

.link[aria-disabled="true"] {
  color: var(--muted);
  text-decoration: none;
  cursor: default;
}

.busy .primary,
.busy .pressed {
  cursor: progress;
}

.busy-text,
.spinner {
  display: none;
}

.busy .pressed .busy-text {
  display: inline;
}

.busy .pressed .spinner {
  position: absolute;
  inset-block: 0;
  inset-inline: auto 1rem;
  display: block;
  width: 1.125rem;
  height: 1.125rem;
  margin: auto 0;
  border: 2px solid currentcolor;
  border-inline-end-color: transparent;
  border-radius: 50%;
  animation: turn 0.9s linear infinite;
}

@keyframes turn {
  to {
    transform: rotate(1turn);
  }
}

@media (prefers-reduced-motion: reduce) {
  .busy .pressed .spinner {
    animation: none;
  }
}

.actions {
  display: flex;
  flex-wrap: wrap;
  gap: 0.5rem;
  align-items: center;
}

.separated {
  padding-top: 1rem;
  border-top: 1px solid var(--line);
}

.links {
  display: grid;
  gap: 0.25rem;
}

/* Steps */

.destination {
  white-space: nowrap;
  font-variant-numeric: tabular-nums;
}

.countdown {
  color: var(--muted);
  font-size: 0.9375rem;
  font-variant-numeric: tabular-nums;
}

.countdown.soon {
  color: var(--warn);
  font-weight: 550;
}

.badge {
  display: inline-block;
  padding: 0 0.5rem;
  border-radius: 1rem;
  background: var(--sunken);
  font-size: 0.8125rem;
  white-space: nowrap;
}

.badge.good {
  background: var(--good-surface);
  color: var(--good);
}

.badge.warn {
  background: var(--warn-surface);
  color: var(--warn);
}

.contacts {
  display: grid;
  gap: 0.125rem;
}

.contacts dt {
  color: var(--muted);
  font-size: 0.875rem;
}

.contacts dd {
  display: flex;
  flex-wrap: wrap;
  gap: 0.25rem 0.625rem;
  align-items: center;
  padding-bottom: 0.625rem;
}

.value {
  overflow-wrap: anywhere;
}

.question {
  display: grid;
  gap: 0.5rem;
  padding: 0.75rem 0.875rem;
  border: var(--border) solid var(--line);
  border-radius: var(--small-radius);
}

.ways {
  display: grid;
  gap: 0.5rem;
}

.ways.separated {
  padding-top: 1rem;
}

.challenge {
  overflow-wrap: anywhere;
}

/* Dark on light whatever the page looks like: not every camera reads the other. */
.qr {
  display: block;
  width: 100%;
  max-width: 15rem;
  border-radius: var(--small-radius);
  forced-color-adjust: none;
}

.qr .light {
  fill: #fff;
}

.qr .dark {
  fill: #000;
}

.qr-place {
  min-height: 15rem;
}

.secret {
  display: flex;
  flex-wrap: wrap;
  overflow-wrap: anywhere;
  gap: 0.125rem 0.75rem;
  font-size: 1rem;
}

.account-list {
  display: grid;
  gap: 0.75rem;
  justify-items: start;
}

.items {
  display: grid;
  gap: 0.75rem;
  width: 100%;
  list-style: none;
}

.items > li {
  display: flex;
  flex-wrap: wrap;
  gap: 0.5rem 0.75rem;
  align-items: center;
  justify-content: space-between;
}

.items > li > div {
  flex: 1 1 12rem;
  min-width: 0;
}

.option-row {
  display: flex;
  flex-wrap: wrap;
  gap: 0 0.75rem;
  align-items: center;
}

.whose {
  padding-bottom: 0.5rem;
  overflow-wrap: anywhere;
}

details {
  border-top: 1px solid var(--line);
}

summary {
  padding: 0.625rem 0;
  cursor: pointer;
  font-weight: 550;
  overflow-wrap: anywhere;
}

details[open] > :last-child {
  padding-bottom: 1rem;
}

.account,
.tokens {
  display: grid;
}

.tokens {
  gap: 0.75rem;
  justify-items: start;
}

.tokens .scrolls {
  width: 100%;
  container-type: inline-size;
}

.scrolls {
  overflow-x: auto;
}

table {
  width: 100%;
  border-collapse: collapse;
  font-size: 0.8125rem;
}

th,
td {
  padding-block: 0.25rem;
  padding-inline-end: 0.75rem;
  border-bottom: 1px solid var(--line);
  text-align: start;
  vertical-align: top;
}

td {
  overflow-wrap: anywhere;
}

th {
  font-weight: 550;
  white-space: nowrap;
}

/* A claim's name and its value have no room side by side there. */
@container (max-width: 300px) {
  th,
  td {
    display: block;
  }

  th {
    border-bottom: 0;
    padding-bottom: 0;
  }

  td {
    padding-top: 0;
  }
}

.notice {
  overflow-wrap: anywhere;
  padding: 0.625rem 0.875rem;
  border-radius: var(--small-radius);
  background: var(--warn-surface);
  color: var(--warn);
  font-size: 0.9375rem;
}

.notice.good {
  background: var(--good-surface);
  color: var(--good);
}

/* Where the person's own colours are all there are, what is on and what is wrong has to be a shape, too. */
@media (forced-colors: active) {
  .primary,
  .show-password[aria-pressed="true"] {
    forced-color-adjust: none;
    border-color: ButtonText;
    background: ButtonText;
    color: ButtonFace;
  }

  .show-password[aria-pressed="true"] {
    border-color: Highlight;
    background: Highlight;
    color: HighlightText;
  }

  .badge,
  .notice,
  .skeleton {
    border: 1px solid CanvasText;
  }

  input[aria-invalid="true"] {
    outline: 2px solid CanvasText;
  }

  input[aria-invalid="true"]:focus-visible {
    outline: 4px solid Highlight;
  }
}
`)}}`;
