// What came to the person, and what would have come.

/**
 * The phone: the number that was written to last, whether it is lost, and what came to it, oldest first. A
 * text message that SNS did not send stands where it would have come, with `dropped`, the reason.
 */
export function onPhone({ outbox, deliveries, lostPhones }) {
  const sent = outbox.filter(({ medium }) => medium === "sms");
  const dropped = deliveries
    .filter(({ medium, outcome }) => medium === "sms" && outcome === "dropped")
    .map(({ to, at, reason }) => ({ medium: "sms", kind: "dropped", to, at, dropped: reason }));
  const all = [...sent, ...dropped].sort((one, other) => one.at - other.at);
  const number = all.at(-1)?.to ?? null;
  const isLost = number !== null && Object.hasOwn(lostPhones, number);
  return { number, isLost, messages: isLost ? [] : all.filter(({ to }) => to === number) };
}

export function inMailbox({ outbox }) {
  return outbox.filter(({ medium }) => medium === "email");
}
