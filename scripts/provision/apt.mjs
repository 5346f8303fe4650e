// Debian's packages, where there is an apt-get and the right to use it.
import { Failure, ask, run, say, which } from "../lib/run.mjs";

let updated = false;

/** Installs packages, or says in a `Failure` what a person has to install. */
export async function aptInstall(packages, what) {
  const sudo = privilege();
  if (sudo === null) {
    throw new Failure(
      `${what} is missing, and there is no apt-get with the right to install it.\n` +
        `  On Debian: apt-get install ${packages.join(" ")}`,
    );
  }
  const [command, ...prefix] = [...sudo, "apt-get"];
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  if (!updated) {
    say("apt-get update");
    await run(command, [...prefix, "update", "-qq"], { env });
    updated = true;
  }
  say(`apt-get install ${packages.join(" ")}`);
  const flags = ["install", "-y", "-qq", "--no-install-recommends"];
  await run(command, [...prefix, ...flags, ...packages], { env });
}

/** A need that may stay unmet: why it could not be met is said, and that is all. */
export function optional(need) {
  const install = () =>
    need.install().catch((error) => {
      if (!(error instanceof Failure)) throw error;
      say(error.message);
    });
  return { ...need, install };
}

/** The command to put before one that needs root; null where there is none. */
export function privilege() {
  if (which("apt-get") === null) return null;
  if (process.getuid?.() === 0) return [];
  return which("sudo") !== null && ask("sudo", ["-n", "true"]).ok ? ["sudo", "-n"] : null;
}
