// Loads the second part of the module: what a person does, and what comes of it (scripts/lib/doors.mjs).
import { complete } from "#glue";
import { part } from "#part";

let loading = null;

/** Loads it once; a failed load (offline, say) is tried again by the next call. */
export async function secondPart() {
  loading ??= fetchPart();
  try {
    await loading;
  } catch (error) {
    loading = null;
    throw error;
  }
}

async function fetchPart() {
  const second = await import("./second.js");
  // Two releases, from two caches: they would not know each other's functions.
  if (second.part !== part) throw new Error("cognito-flow: second.js is of another release");
  await complete(second.wasmBytes());
}
