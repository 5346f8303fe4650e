// The page of one client: gets it ready, and signs in when the bench asks.
import { ready, signIn, signOut } from "client";

const { settings } = window.bench;
await ready(settings);
window.bench.readyAt = performance.now();

window.bench.signIn = async () => {
  performance.mark("sign-in starts");
  const start = performance.now();
  await signIn(settings);
  const took = performance.now() - start;
  performance.mark("sign-in ends");
  await signOut(settings);
  return took;
};
