import { accountList, described, rowButton } from "./list.js";

/** Where this person is signed in, where the pool tracks that. This one ends by signing out. */
export function sessionList(app) {
  const { texts, flow } = app;
  // Enough of it to tell one from another.
  const nameOf = ({ deviceType, id }) =>
    deviceType ?? texts("account.sessions.unnamed", { id: id.slice(-6) });
  return accountList(app, {
    label: texts("account.sessions"),
    load: () => flow.account.sessions(),
    item: (session, change) => {
      const { createdAt, lastActiveAt, place, ip, current, id } = session;
      return [
        described(nameOf(session), [current && texts("account.sessions.current")], [
          [place, ip].filter(Boolean).join(" · "),
          texts("account.createdAt", { time: texts.dateAndTime(createdAt) }),
          lastActiveAt && texts("account.usedAt", { time: texts.dateAndTime(lastActiveAt) }),
        ]),
        current
          ? null
          : rowButton(texts("account.sessions.end"), nameOf(session), () =>
              change(() => flow.account.endSession(id), texts("account.sessions.ended")),
            ),
      ];
    },
    empty: texts("account.sessions.none"),
  });
}
