// `npm start`: installs what is missing, builds what is out of date, serves the page.
import { build } from "./build.mjs";
import { Failure, main } from "./lib/run.mjs";
import { serve } from "./lib/serve.mjs";

const FIRST_PORT = 8080;
const LAST_PORT = 8180;

main(import.meta, async () => {
  await build();
  const server = await listen();
  console.log(`
  cognito-flow is at  ${server.url}

  Open it in a browser. The page brings its own user pool, so no AWS account is needed:
  sign up with a made-up email address and phone number, and read the codes that the pool
  "sends" in the inbox beside the form. Passkeys need a name instead of an address: for them
  open  http://localhost:${server.port}/  Ctrl+C ends the server.
`);
});

/** Serves on PORT, or on the first free port from 8080 on. */
async function listen() {
  const wanted = process.env.PORT;
  if (wanted !== undefined && wanted !== "") {
    const port = Number(wanted);
    if (!Number.isInteger(port) || port < 0 || port > 65535) {
      throw new Failure(`PORT=${wanted} is not a port`);
    }
    return serve({ port }).catch((error) => {
      throw new Failure(`port ${port} cannot be used: ${error.code}`);
    });
  }
  for (let port = FIRST_PORT; port < LAST_PORT; port += 1) {
    try {
      return await serve({ port });
    } catch (error) {
      if (error.code !== "EADDRINUSE") throw error;
    }
  }
  throw new Failure(`no free port from ${FIRST_PORT} to ${LAST_PORT - 1}: choose one with PORT=…`);
}
