// boto3, pycognito and the requests of Terraform: Python's own tests, each file run by Python and shown as one test here.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { startServer } from "./server.mjs";

let server;

before(async () => {
  server = await startServer();
});
after(() => server?.stop());

for (const name of ["boto3", "boto3_choice", "pycognito", "terraform"]) {
  test(`${name} (unittest)`, async () => {
    const env = { ...process.env, ENDPOINT: server.endpoint, PYTHONDONTWRITEBYTECODE: "1" };
    const args = ["-W", "error::DeprecationWarning:__main__", `test_${name}.py`, "--verbose"];
    const cwd = import.meta.dirname;
    const child = spawn(process.env.PYTHON ?? "python3", args, { cwd, env });
    let report = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (report += data));
    const [code] = await once(child, "close");
    assert.equal(code, 0, report);
    assert.match(report, /^Ran [1-9]\d* tests? in /m);
  });
}
