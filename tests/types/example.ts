// A small application, as its author would write it; the entry with the module beside it too.
import { createFlow, FlowError } from "cognito-flow";
import { createFlow as createExternal } from "cognito-flow/external";
import type { Flow, Snapshot } from "cognito-flow";

export async function main(form: HTMLFormElement, out: HTMLElement): Promise<void> {
  const loading = createFlow({
    userPoolId: "eu-west-1_AbCdEfGhI",
    clientId: "1h57kf5cpq17m0eml12EXAMPLE",
    storage: "session",
    verify: { attributes: ["email"], skippable: false, when: "afterSignUp" },
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const data = new FormData(form);
    await submit(await loading, data);
  });
  const flow = await loading;
  const stop = flow.subscribe(() => {
    out.textContent = render(flow.snapshot());
  });
  window.addEventListener("pagehide", () => {
    stop();
    flow.dispose();
  });
}

export async function fetchWithToken(flow: Flow, url: string): Promise<Response> {
  const { accessToken } = await flow.session();
  return fetch(url, { headers: { authorization: `Bearer ${accessToken}` } });
}

export async function scoped(): Promise<string> {
  const flow = await createExternal({ userPoolId: "eu-west-1_AbCdEfGhI", clientId: "1example" });
  try {
    return flow.snapshot().step;
  } finally {
    flow.dispose();
  }
}

/** The shape that React's `useSyncExternalStore(flow.subscribe, flow.snapshot)` asks for. */
export function store(flow: Flow): readonly [(notify: () => void) => () => void, () => Snapshot] {
  return [flow.subscribe, flow.snapshot];
}

async function submit(flow: Flow, data: FormData): Promise<void> {
  const field = (name: string) => String(data.get(name) ?? "");
  const snapshot = flow.snapshot();
  try {
    if (snapshot.step === "signedOut") {
      await flow.send({ type: "signIn", username: field("username"), password: field("password") });
    } else if (snapshot.step === "mfaCode" || snapshot.step === "verifyAttribute") {
      await flow.send({ type: "submitCode", code: field("code") });
    } else if (flow.accepts("cancel")) {
      await flow.send({ type: "cancel" });
    }
  } catch (error) {
    if (!(error instanceof FlowError)) throw error;
    console.error(error.code);
  }
}

function render(snapshot: Snapshot): string {
  if (snapshot.busy !== null) return "…";
  if (snapshot.error !== null) return snapshot.error.message;
  if (snapshot.step !== "mfaCode") return snapshot.step;
  return `Enter the code sent to ${snapshot.delivery?.destination ?? "you"}`;
}
