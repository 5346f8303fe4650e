// The flow of each app, with how many listen to it.
import { createFlow } from "cognito-flow";

export const loading = createFlow({ ...window.settings, storage: "session", verify: { when: "never" } }).then(counted);

function counted(flow) {
  window.listeners = 0;
  const subscribe = (listener) => {
    const end = flow.subscribe(listener);
    window.listeners += 1;
    return () => {
      window.listeners -= 1;
      end();
    };
  };
  return { ...flow, subscribe };
}
