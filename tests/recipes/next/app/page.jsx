import { SignIn } from "./sign-in";

export default function Page() {
  return (
    <main>
      <h1>Next</h1>
      <SignIn />
    </main>
  );
}
