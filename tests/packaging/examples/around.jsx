// What the React example of README.md leaves to the application.
const { userPoolId, clientId } = window.journeySettings;
export { userPoolId, clientId };

export function Password({ busy, error, onSubmit }) {
  const submit = (event) => {
    event.preventDefault();
    onSubmit(Object.fromEntries(new FormData(event.currentTarget)));
  };
  return (
    <form method="post" onSubmit={submit}>
      <input name="username" />
      <input name="password" type="password" />
      <button disabled={busy !== null}>Sign in</button>
      <p role="status">{error?.message}</p>
    </form>
  );
}

export function Code({ sentTo }) {
  return <p role="status">a code was sent to {sentTo}</p>;
}

export function App({ token }) {
  const show = async (event) => {
    const { target } = event;
    target.textContent = (await token()).split(".").length === 3 ? "has a token" : "has none";
  };
  return (
    <>
      <p role="status">signedIn</p>
      <button onClick={show}>token</button>
    </>
  );
}

export function Other({ snapshot }) {
  return <p role="status">{snapshot.step}</p>;
}
