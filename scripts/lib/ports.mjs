// Ports of this machine.
import { createServer } from "node:net";

/** One that nothing listens on at the moment. */
export async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}
