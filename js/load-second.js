// Loads the second part of the module: what a person does, but for signing out, and what comes of it
// (scripts/lib/doors.mjs).
import { complete } from "#glue";
import { part } from "#part";
import { once } from "./once.js";

export const secondPart = once(fetchPart);

async function fetchPart() {
  const second = await import("./second.js");
  // Two releases, from two caches: they would not know each other's functions.
  if (second.part !== part) throw new Error("cognito-flow: second.js is of another release");
  await complete(second.wasmBytes());
}
