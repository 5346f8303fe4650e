"use client";
import { useState } from "react";
import { CognitoSignIn } from "cognito-flow/react";

const settings = {
  userPoolId: process.env.NEXT_PUBLIC_USER_POOL_ID,
  clientId: process.env.NEXT_PUBLIC_CLIENT_ID,
  endpoint: process.env.NEXT_PUBLIC_ENDPOINT,
};

export function SignIn() {
  const [username, setUsername] = useState("nobody");
  const ask = async (snapshot, flow) => {
    const { accessToken } = await flow.session();
    const reply = await fetch("/api/me", { headers: { authorization: `Bearer ${accessToken}` } });
    setUsername((await reply.json()).username);
  };
  return (
    <>
      <CognitoSignIn {...settings} storage="session" onSignedIn={ask} onSignedOut={() => setUsername("nobody")} />
      <p role="status">{username}</p>
    </>
  );
}
