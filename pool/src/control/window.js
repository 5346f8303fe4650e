// The window of the local pool: it reads what every program can read under /_pool/, and lists users by
// the operations for it. Everything is shown as text; nothing that anybody typed becomes markup.

const $ = (id) => document.getElementById(id);
/** How much is shown of what only grows. */
const SHOWN = 200;

const state = $("state");
const messages = [];
const deliveries = [];
let fresh = [];
let drawing = false;

/** An element with text or children. */
function element(name, { className, ...properties }, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  if (className) made.className = className;
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

const when = (at) => {
  const date = new Date(at);
  const time = element("time", { dateTime: date.toISOString(), textContent: date.toLocaleTimeString() });
  time.title = date.toLocaleString();
  time.className = "quiet";
  return time;
};

function messageItem({ to, medium, kind, text, code, link, at }) {
  const head = element(
    "div",
    { className: "head" },
    element("strong", { textContent: to }),
    element("span", { className: "quiet", textContent: `${medium === "sms" ? "SMS" : "email"}, ${kind}` }),
    when(at),
  );
  const more = [];
  if (code !== null && code !== undefined) more.push(element("div", { className: "code", textContent: code }));
  more.push(element("p", { className: "text", textContent: text }));
  if (typeof link === "string" && /^https?:\/\//.test(link)) {
    more.push(element("p", {}, element("a", { href: link, rel: "noreferrer", textContent: "Follow the link" })));
  }
  return element("li", {}, head, ...more);
}

function deliveryItem({ to, medium, outcome, reason, costMicroUsd, at }) {
  const cost = medium === "sms" && outcome === "delivered" ? `, ${dollars(costMicroUsd)}` : "";
  const words = outcome === "delivered" ? `delivered by ${medium}${cost}` : `lost: ${reason}`;
  const className = outcome === "delivered" ? "" : "dropped";
  return element("li", {}, when(at), ` ${to} `, element("span", { className, textContent: words }));
}

function userItem(user) {
  const head = element(
    "summary",
    {},
    element("strong", { textContent: user.Username }),
    element("span", {
      className: "quiet",
      textContent: ` ${user.UserStatus}${user.Enabled ? "" : ", disabled"}`,
    }),
  );
  const list = element("dl", {});
  for (const { Name, Value } of user.Attributes ?? []) {
    list.append(element("dt", { textContent: Name }), element("dd", { textContent: Value ?? "" }));
  }
  const details = element("details", {}, head, list);
  details.dataset.name = user.Username;
  return element("li", {}, details);
}

const dollars = (micros) => `$${(micros / 1e6).toFixed(micros % 10_000 === 0 ? 2 : 5)}`;

async function get(path) {
  const reply = await fetch(`/_pool/${path}`);
  if (!reply.ok) throw new Error(`${path}: ${reply.status}`);
  return reply.json();
}

async function call(operation, input) {
  const reply = await fetch("/", {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": `AWSCognitoIdentityProviderService.${operation}`,
    },
    body: JSON.stringify(input),
  });
  const output = await reply.json();
  if (!reply.ok) throw Object.assign(new Error(output.message), { name: output.__type });
  return output;
}

async function clock(seconds) {
  const reply = await fetch("/_pool/clock", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ advanceSeconds: seconds }),
  });
  const { now } = await reply.json();
  const date = new Date(now);
  $("now").dateTime = date.toISOString();
  $("now").textContent = date.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
}

async function pools() {
  const select = $("pool");
  const { UserPools } = await call("ListUserPools", { MaxResults: 60 });
  const known = [...select.options].map((option) => option.value).join();
  if (known === UserPools.map((pool) => pool.Id).join()) return;
  const chosen = select.value;
  select.replaceChildren(
    ...UserPools.map(({ Id, Name }) => element("option", { value: Id, textContent: `${Name} (${Id})` })),
  );
  if (UserPools.some(({ Id }) => Id === chosen)) select.value = chosen;
}

let listed = "";
async function users() {
  await pools();
  const pool = $("pool").value;
  if (pool === "") return;
  const { Users, PaginationToken } = await call("ListUsers", { UserPoolId: pool, Limit: 60 });
  const now = JSON.stringify([pool, Users]);
  if (now === listed) return;
  listed = now;
  const open = new Set([...document.querySelectorAll("#users details[open]")].map((it) => it.dataset.name));
  const items = Users.map(userItem);
  for (const { firstChild } of items) firstChild.open = open.has(firstChild.dataset.name);
  $("users").replaceChildren(...items);
  $("no-users").hidden = Users.length > 0;
  $("more-users").hidden = PaginationToken === undefined;
}

async function spending() {
  const { monthToDateMicroUsd, limitMicroUsd } = await get("spending");
  $("spent").textContent = dollars(monthToDateMicroUsd);
  $("limit").textContent = dollars(limitMicroUsd);
  $("meter").max = Math.max(limitMicroUsd, 1);
  $("meter").value = monthToDateMicroUsd;
}

/** Reads what changes without a message. One after the other: a slow answer is not asked for twice. */
async function refresh() {
  try {
    await Promise.all([users(), spending(), clock(0)]);
    say("Live", false);
  } catch (error) {
    say(`No answer: ${error.message}`, true);
  }
}

function say(words, lost) {
  if (state.textContent !== words) state.textContent = words;
  state.classList.toggle("lost", lost);
}

/** A burst of events is drawn once. */
function draw() {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    const [sent, done] = fresh;
    fresh = [];
    if (sent) $("messages").replaceChildren(...messages.map(messageItem));
    if (done) $("deliveries").replaceChildren(...deliveries.map(deliveryItem));
    $("no-messages").hidden = messages.length > 0;
    $("no-deliveries").hidden = deliveries.length > 0;
  });
}

function add(list, which, event) {
  list.unshift(JSON.parse(event.data));
  list.length = Math.min(list.length, SHOWN);
  fresh[which] = true;
  draw();
}

const events = new EventSource("/_pool/events");
events.addEventListener("message", (event) => add(messages, 0, event));
events.addEventListener("delivery", (event) => {
  add(deliveries, 1, event);
  soon();
});
events.addEventListener("error", () => say("No answer: the server is not there", true));

let timer;
/** After an event things have changed at once; else a look every few seconds, while anybody looks. */
function soon(milliseconds = 100) {
  clearTimeout(timer);
  timer = setTimeout(async () => {
    if (!document.hidden) await refresh();
    soon(4000);
  }, milliseconds);
}

document.addEventListener("visibilitychange", () => soon());
$("pool").addEventListener("change", () => soon(0));
for (const button of document.querySelectorAll("button[data-seconds]")) {
  button.addEventListener("click", async () => {
    try {
      await clock(Number(button.dataset.seconds));
    } catch (error) {
      say(`No answer: ${error.message}`, true);
    }
    soon();
  });
}
soon(0);
