// The access token in a cookie that no script of the page can read, for pages that a server renders.
// Requests and responses are those of the web platform, as Next, SvelteKit, Astro and Hono have them.
import { CognitoJwtVerifier } from "aws-jwt-verify";
import { FetchError } from "aws-jwt-verify/error";

/** With this prefix a browser takes it by https alone, for this host alone. */
const NAME = "__Host-session";
const KEPT = "Path=/; HttpOnly; Secure; SameSite=Lax";
/** Browsers drop a larger cookie without a word. */
const LARGEST = 4000;

/** `origin`: where the app is, as `https://app.example.com`. */
export function sessionCookie({ userPoolId, clientId, origin }) {
  const verifier = CognitoJwtVerifier.create({ userPoolId, clientId, tokenUse: "access" });

  /** The claims of a token, or null; throws where the pool's keys cannot be had. */
  async function claims(token) {
    if (!token) return null;
    try {
      return await verifier.verify(token);
    } catch (error) {
      if (error instanceof FetchError) throw error;
      return null;
    }
  }

  return {
    /** Who asks: the claims of the token in the request's cookie, or null. */
    whoAsks(request) {
      const cookies = (request.headers.get("cookie") ?? "").split("; ");
      return claims(cookies.find((text) => text.startsWith(`${NAME}=`))?.slice(NAME.length + 1));
    },

    /** `POST` with the token as `Authorization: Bearer …` keeps it, `DELETE` forgets it. */
    async handle(request) {
      // Another site could otherwise sign the person in as somebody else, or out.
      if (request.headers.get("origin") !== origin) return reply(403);
      if (request.method === "DELETE") return reply(204, `${NAME}=; ${KEPT}; Max-Age=0`);
      if (request.method !== "POST") return reply(405);

      const token = request.headers.get("authorization")?.replace(/^Bearer /, "");
      const known = await claims(token);
      if (known === null) return reply(401);
      if (token.length > LARGEST) return reply(413);
      const seconds = known.exp - Math.floor(Date.now() / 1000);
      return reply(204, `${NAME}=${token}; ${KEPT}; Max-Age=${seconds}`);
    },
  };
}

function reply(status, cookie) {
  const headers = { "cache-control": "no-store", ...(cookie && { "set-cookie": cookie }) };
  return new Response(null, { status, headers });
}
