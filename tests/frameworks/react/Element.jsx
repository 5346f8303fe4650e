import React, { useState } from "react";
import { CognitoAccount, CognitoSignIn } from "cognito-flow/react";
import { given } from "../element.js";

export function Element() {
  const [count, setCount] = useState(0);
  const [lang, setLang] = useState("en");
  const [isOpen, setOpen] = useState(true);
  const [flow, setFlow] = useState(null);
  return (
    <>
      {isOpen && (
        <CognitoSignIn id="one" className="wide" {...given(count, lang, setFlow)}>
          <p slot="footer">Rendered {count}</p>
        </CognitoSignIn>
      )}
      {flow && <CognitoAccount flow={flow} lang={lang} account={["password"]} />}
      <button onClick={() => setCount(count + 1)}>Again</button>
      <button onClick={() => setLang("de")}>Deutsch</button>
      <button onClick={() => setOpen(!isOpen)}>Toggle</button>
    </>
  );
}
