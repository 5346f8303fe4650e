import { env } from "$env/dynamic/public";
import { json } from "@sveltejs/kit";
import { CognitoJwtVerifier } from "aws-jwt-verify";

let verifier;

export async function GET({ request }) {
  verifier ??= CognitoJwtVerifier.create({
    userPoolId: env.PUBLIC_USER_POOL_ID,
    clientId: env.PUBLIC_CLIENT_ID,
    tokenUse: "access",
  });
  const token = request.headers.get("authorization")?.replace(/^Bearer /, "") ?? "";
  try {
    const { username } = await verifier.verify(token);
    return json({ username });
  } catch {
    return json({ error: "not signed in" }, { status: 401 });
  }
}
