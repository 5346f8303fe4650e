import { el } from "../../ui/dom.js";

const STEPS = [
  ["clock.minute", 60],
  ["clock.threeMinutes", 3 * 60],
  ["clock.day", 24 * 3600],
];

/** The pool's and this page's time, which can be moved on but not back. */
export function clock({ texts, world, signal }) {
  const time = el("time", { class: "time" });
  const buttons = STEPS.map(([key, seconds]) =>
    el(
      "button",
      { type: "button", class: "secondary small", click: () => world.moveClock(seconds) },
      texts(key),
    ),
  );
  const show = () => {
    const now = Date.now();
    time.dateTime = new Date(now).toISOString();
    time.textContent = texts.dateAndTime(now);
  };
  show();
  const timer = setInterval(show, 1000);
  document.addEventListener("visibilitychange", show, { signal });
  signal.addEventListener("abort", () => clearInterval(timer));
  return el(
    "div",
    { class: "clock surface actions", role: "group", "aria-label": texts("clock.title") },
    el("div", {}, el("span", { class: "hint" }, texts("clock.title"), " "), time),
    el("div", { class: "actions" }, buttons),
  );
}
