import { CognitoJwtVerifier } from "aws-jwt-verify";

const { userPoolId, clientId } = useRuntimeConfig().public;
const verifier = CognitoJwtVerifier.create({ userPoolId, clientId, tokenUse: "access" });

export default defineEventHandler(async (event) => {
  const token = getHeader(event, "authorization")?.replace(/^Bearer /, "") ?? "";
  try {
    const { username } = await verifier.verify(token);
    return { username };
  } catch {
    throw createError({ statusCode: 401, statusMessage: "not signed in" });
  }
});
