import { createFlow } from "/cognito-flow/index.js";
import { keepCookie } from "/keep-cookie.js";

window.flow = await createFlow({ ...window.settings, storage: "session", verify: { when: "never" } });
window.stop = keepCookie(window.flow);
