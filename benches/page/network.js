// Stands in for the network: a plain script that runs before any client.
//
// A reply comes in a task of its own, as a real one does, but at once: what is measured between
// calling a client and its answer is the client's own work.
(() => {
  const { replies } = window.bench;
  const proofs = [];
  const unknown = [];
  let publicKey = null;

  window.fetch = async (url, options) => {
    const headers = new Headers(options.headers);
    const operation = headers.get("x-amz-target").split(".")[1];
    const body = JSON.parse(typeof options.body === "string" ? options.body : await new Response(options.body).text());
    if (operation === "InitiateAuth") publicKey = body.AuthParameters.SRP_A;
    if (operation === "RespondToAuthChallenge") {
      const { PASSWORD_CLAIM_SIGNATURE, TIMESTAMP } = body.ChallengeResponses;
      proofs.push({ SRP_A: publicKey, PASSWORD_CLAIM_SIGNATURE, TIMESTAMP });
    }
    await nextTask();
    const reply = replies[operation];
    if (reply === undefined) {
      unknown.push(operation);
      return respond(400, { __type: "InvalidParameterException", message: operation });
    }
    return respond(200, reply);
  };

  window.bench.seen = () => ({ proofs, unknown });

  function respond(status, body) {
    const headers = { "content-type": "application/x-amz-json-1.1" };
    return new Response(JSON.stringify(body), { status, headers });
  }

  function nextTask() {
    return new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(null);
    });
  }
})();
