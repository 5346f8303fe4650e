// A clock that can be moved on, so that expiry can be seen without waiting. Only the demo has this:
// `Date.now` and `performance.now`, which the package reads each time, are shifted. Must be
// imported before anything that keeps a reference to them.

const wallClock = Date.now.bind(Date);
const steadyClock = performance.now.bind(performance);
let shift = 0;

Date.now = () => wallClock() + shift;
performance.now = () => steadyClock() + shift;

/** The machine's own time, in ms since the epoch. */
export function realNow() {
  return wallClock();
}

/** How far the clock stands ahead, in ms. */
export function clockShift() {
  return shift;
}

/** Sets the clock ahead of the machine's, and wakes whoever waits for a time, as after sleep. */
export function shiftClock(ms) {
  if (ms === shift) return;
  shift = ms;
  document.dispatchEvent(new Event("visibilitychange"));
  window.dispatchEvent(new PageTransitionEvent("pageshow", { persisted: false }));
}
