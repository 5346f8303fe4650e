// What is said of a pool that is elsewhere.
import { el } from "../../ui/dom.js";
import { storageFor } from "../place.js";

/** What stands in place of the local world's panes. */
export function notHere({ texts, place }) {
  return el(
    "div",
    { class: "notices" },
    el("p", { class: "notice" }, texts("elsewhere.notHere")),
    nothingKept(place, texts),
  );
}

/** Said where it is so: after a reload one is signed out. */
export function nothingKept(place, texts) {
  const isKept = place === null || storageFor(place) !== "memory";
  return isKept ? null : el("p", { class: "notice" }, texts("elsewhere.nothingKept"));
}
