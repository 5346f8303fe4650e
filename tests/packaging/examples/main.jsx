import { Suspense } from "react";
import { createRoot } from "react-dom/client";
import { SignIn } from "./example.jsx";

createRoot(document.getElementById("root")).render(
  <Suspense fallback={<p role="status">loading</p>}>
    <SignIn />
  </Suspense>,
);
