import { CognitoJwtVerifier } from "aws-jwt-verify";

const verifier = CognitoJwtVerifier.create({
  userPoolId: import.meta.env.PUBLIC_USER_POOL_ID,
  clientId: import.meta.env.PUBLIC_CLIENT_ID,
  tokenUse: "access",
});

export async function GET({ request }) {
  const token = request.headers.get("authorization")?.replace(/^Bearer /, "") ?? "";
  try {
    const { username } = await verifier.verify(token);
    return Response.json({ username });
  } catch {
    return Response.json({ error: "not signed in" }, { status: 401 });
  }
}
