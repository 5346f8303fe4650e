import React, { StrictMode, Suspense, use, useState } from "react";
import { createRoot } from "react-dom/client";
import { useFlow } from "cognito-flow/react";
import { Element } from "./Element.jsx";
import { loading } from "../flow.js";

function SignIn() {
  const flow = use(loading);
  const { step, busy, error } = useFlow(flow);
  if (step === "signedIn") {
    return <button onClick={() => flow.send({ type: "signOut" })}>Sign out</button>;
  }
  const submit = (event) => {
    event.preventDefault();
    flow.send({ type: "signIn", ...Object.fromEntries(new FormData(event.currentTarget)) });
  };
  return (
    <form method="post" onSubmit={submit}>
      <input name="username" autoComplete="username" />
      <input name="password" type="password" autoComplete="current-password" />
      <button disabled={busy !== null}>Sign in</button>
      <p role="alert">{error?.code}</p>
    </form>
  );
}

function Status() {
  const { step } = useFlow(use(loading));
  return <p role="status">{step}</p>;
}

function App() {
  const [isOpen, setOpen] = useState(true);
  return (
    <Suspense fallback="loading">
      {isOpen && <SignIn />}
      {isOpen && <Status />}
      <button onClick={() => setOpen(!isOpen)}>Toggle</button>
    </Suspense>
  );
}

createRoot(document.getElementById("root")).render(<StrictMode>{location.search === "?element" ? <Element /> : <App />}</StrictMode>);
