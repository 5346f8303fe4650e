// The recipes of docs/pool, run as they stand: what a reader copies works.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { startPool } from "../../npm/server.mjs";
import { freePort } from "../../../scripts/lib/ports.mjs";

const root = resolve(import.meta.dirname, "../../..");
const recipes = join(root, "docs/pool/recipes");
let folder;
before(() => (folder = mkdtempSync(join(tmpdir(), "recipe-"))));
after(() => rmSync(folder, { recursive: true }));

async function run(command, args, env = {}) {
  // Node's runner tells a run inside another one by this.
  const { NODE_TEST_CONTEXT, ...inherited } = process.env;
  const child = spawn(command, args, { cwd: folder, env: { ...inherited, ...env } });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (text += data));
  const [code] = await once(child, "close");
  assert.equal(code, 0, text);
  return text;
}

test("Node: the SDK against a pool in the test's own process", async () => {
  copyFileSync(join(recipes, "sign-up.test.mjs"), join(folder, "sign-up.test.mjs"));
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(join(root, "pool/npm"), join(folder, "node_modules/cognito-pool"));
  symlinkSync(join(import.meta.dirname, "node_modules/@aws-sdk"), join(folder, "node_modules/@aws-sdk"));
  const report = await run(process.execPath, ["--test", "sign-up.test.mjs"]);
  assert.match(report, /pass 1\b/);
});

test("Python: boto3 against a running pool, which each test leaves as it was", async () => {
  copyFileSync(join(recipes, "test_sign_up.py"), join(folder, "test_sign_up.py"));
  const pool = await startPool(["--listen", "127.0.0.1:0", "--log", "off"]);
  try {
    // Twice: the second run finds nobody of the first.
    for (let time = 0; time < 2; time += 1) {
      const env = { COGNITO_ENDPOINT: pool.endpoint, PYTHONDONTWRITEBYTECODE: "1" };
      const report = await run(process.env.PYTHON ?? "python3", ["-m", "unittest", "-v", "test_sign_up"], env);
      assert.match(report, /^Ran 1 test/m);
    }
  } finally {
    await pool.close();
  }
});

test("GitHub Actions: the step that starts the pool", async () => {
  const workflow = readFileSync(join(recipes, "test.yml"), "utf8");
  const step = /name: A user pool\n {8}run: \|\n((?: {10}.*\n)+)/.exec(workflow)[1].replace(/^ {10}/gm, "");
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const program = `"${process.execPath}" "${join(root, "pool/npm/cognito-pool.mjs")}" --listen 127.0.0.1:${port}`;
  const script = step.replace("npx --yes cognito-pool", program);
  assert.notEqual(script, step);
  const ended = `${script}status=$?\nkill $!\nexit $status\n`;
  const said = await run("bash", ["-c", ended], { COGNITO_ENDPOINT: endpoint });
  assert.match(said, /"ok"/);
});

test("the Dockerfile and the compose file: small, without root, and of what is there", () => {
  const lines = readFileSync(join(root, "pool/Dockerfile"), "utf8").replace(/\\\n/g, " ").split("\n");
  const steps = lines.filter((line) => /^[A-Z]+ /.test(line)).map((line) => line.split(/ (.*)/s));
  const of = (name) => steps.filter(([step]) => step === name).map(([, rest]) => rest);
  // The last stage is a base without a shell, and what runs in it is nobody's.
  assert.match(of("FROM").at(-1), /^gcr\.io\/distroless\/cc-debian12:nonroot$/);
  const last = steps.slice(steps.findLastIndex(([step]) => step === "FROM"));
  assert.ok(last.every(([step]) => step !== "RUN"), "distroless has no shell to run anything");
  assert.match(of("USER").at(-1), /^65532:65532$/);
  // Every base names its version, and it is the compiler of rust-toolchain.toml.
  assert.ok(of("FROM").every((from) => /:[^ ]+/.test(from) && !from.includes(":latest")));
  const channel = /channel = "([^"]+)"/.exec(readFileSync(join(root, "rust-toolchain.toml"), "utf8"))?.[1];
  if (/^\d/.test(channel ?? "")) assert.ok(of("FROM")[0].includes(`rust:${channel.split(".").slice(0, 2).join(".")}`));
  // What is copied from the repository is there, and is let through.
  const ignored = readFileSync(join(root, "pool/Dockerfile.dockerignore"), "utf8").split("\n");
  assert.equal(ignored[0], "*");
  for (const copy of of("COPY").filter((it) => !it.startsWith("--from"))) {
    for (const source of copy.split(" ").slice(0, -1)) {
      assert.ok(ignored.some((line) => line.startsWith(`!${source}`)), `${source} is not let through`);
      const tracked = spawnSync("git", ["ls-files", "--error-unmatch", source], { cwd: root });
      assert.equal(tracked.status, 0, `${source} is not in the repository`);
    }
  }
  // Members of the workspace that cargo wants to see are all among them.
  const members = /members = \[([^\]]*)\]/.exec(readFileSync(join(root, "Cargo.toml"), "utf8"))[1];
  for (const [, member] of members.matchAll(/"([^"]+)"/g)) {
    assert.ok(of("COPY").some((copy) => copy.split(" ").includes(member.split("/")[0])), `${member} is not copied`);
  }
  // The entry point and the command are options that the program has, and the port is published to this machine.
  const help = readFileSync(join(root, "pool/src/http/args.rs"), "utf8");
  const compose = readFileSync(join(root, "docs/pool/compose.yaml"), "utf8");
  const words = [...of("ENTRYPOINT"), ...of("CMD"), /command: (.*)/.exec(compose)[1]].flatMap((it) => JSON.parse(it));
  for (const word of words.filter((it) => it.startsWith("--"))) assert.ok(help.includes(`\n  ${word} `), word);
  assert.match(compose, /ports: \["127\.0\.0\.1:9229:9229"\]/);
  assert.match(compose, /dockerfile: pool\/Dockerfile/);
});
