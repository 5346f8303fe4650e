// How long something lasts still: pure functions, and one that calls back every second.

/** The remaining times, in seconds, at which a screen reader is told. */
const ANNOUNCED = [60, 30, 10];

const HOUR = 3_600_000;

/** What is left until `expiresAt`, in ms; never below 0. Both are in ms since the epoch. */
export function remaining(expiresAt, now) {
  return Math.max(0, expiresAt - now);
}

/** `"2:59"`, `"0:07"`. A second that has begun counts whole, so that `"0:00"` means over. */
export function minutesAndSeconds(ms) {
  const seconds = Math.ceil(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** Whether to count the seconds down (less than an hour is left), or better to name the time. */
export function countsDown(ms) {
  return ms < HOUR;
}

/**
 * The threshold (60, 30 or 10 seconds) that was passed since the remaining time was `before`, or
 * null. Of several passed at once, after a laptop slept, it is the last; when the time is over
 * there is nothing left to announce.
 */
export function threshold(before, now) {
  if (now <= 0) return null;
  const passed = ANNOUNCED.filter((seconds) => before > seconds * 1000 && now <= seconds * 1000);
  return passed.at(-1) ?? null;
}

/** How long to wait until the text of `minutesAndSeconds` changes, in ms. */
export function untilNextSecond(ms) {
  return ms % 1000 || 1000;
}

/**
 * Calls `show(ms left)` now and whenever another second has passed, until 0 or until the returned
 * function is called. It asks the clock each time rather than count its own ticks, and again when
 * the page comes back from sleep or from the background.
 */
export function countDown(expiresAt, show) {
  let timer = null;
  const tick = () => {
    clearTimeout(timer);
    const left = remaining(expiresAt, Date.now());
    show(left);
    if (left > 0) timer = setTimeout(tick, untilNextSecond(left));
  };
  document.addEventListener("visibilitychange", tick);
  window.addEventListener("pageshow", tick);
  tick();
  return () => {
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", tick);
    window.removeEventListener("pageshow", tick);
  };
}
