import { accountList, described, rowButton } from "./list.js";

/** The devices that this account was used on, where the pool tracks them. */
export function deviceList(app) {
  const { texts, flow } = app;
  const { account } = flow;
  const nameOf = ({ name, key }) => name ?? key;
  return accountList(app, {
    label: texts("account.devices"),
    load: () => account.devices(),
    item: (device, change) => [
      described(nameOf(device), [device.current && texts("account.devices.current")], [
        device.createdAt && texts("account.createdAt", { time: texts.dateAndTime(device.createdAt) }),
        device.lastUsedAt && texts("account.usedAt", { time: texts.dateAndTime(device.lastUsedAt) }),
      ]),
      [
        // Where the pool does not ask, or the person said no before.
        device.current && flow.snapshot().device !== "remembered"
          ? rowButton(texts("account.devices.remember"), nameOf(device), () =>
              change(() => account.rememberDevice(), texts("device.remembered")),
            )
          : null,
        rowButton(texts("account.devices.forget"), nameOf(device), () =>
          change(
            () => (device.current ? account.forgetDevice() : account.forgetDevice(device.key)),
            texts("account.devices.forgotten"),
          ),
        ),
      ].filter(Boolean),
    ].flat(),
    empty: texts("account.devices.none"),
  });
}
