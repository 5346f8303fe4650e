/**
 * Tries what failed a second time, in a browser profile that is as new as the first, and prints what had
 * failed. Where a machine stops for some seconds, so does one of a thousand steps in a browser; what is wrong
 * in the product is wrong twice.
 */
export async function orOnceMore(test, attempt) {
  try {
    await attempt();
  } catch (fault) {
    test.diagnostic(`“${test.name}” is tried once more, having failed: ${fault.stack}`);
    await attempt();
  }
}
