import { createSignal } from "solid-js";
import { render } from "solid-js/web";
import "cognito-flow/ui";
import { settings } from "./settings.js";

function App() {
  const [username, setUsername] = createSignal("nobody");
  return (
    <>
      <cognito-sign-in
        prop:options={{ ...settings, storage: "session" }}
        on:cognito-signed-in={({ detail }) => setUsername(detail.username)}
        on:cognito-signed-out={() => setUsername("nobody")}
      />
      <p role="status">{username()}</p>
    </>
  );
}

render(() => <App />, document.getElementById("root"));
