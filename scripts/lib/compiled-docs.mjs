// Code of the documentation as modules that TypeScript compiles: what is run by no other test.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./run.mjs";

const GIVEN = `import { createFlow } from "cognito-flow";
import type { Flow, Snapshot } from "cognito-flow";
declare const flow: Flow;
declare const userPoolId: string, clientId: string, username: string, password: string, newPassword: string;
declare const email: string, code: string, answer: string, id: string;
declare const render: (snapshot: Snapshot) => void;
`;

const WORKER = `import { createFlow } from "cognito-flow";
import { connectFlow, serveFlow } from "cognito-flow/worker";
declare const userPoolId: string, clientId: string;
`;
const EXAMPLE = /^```typescript\n(.*?)^```$/ms;

/**
 * The texts of modules by their names: the example of a worker in docs/deploying.md, that of docs/migrating.md, and what
 * stands in the column "here" of its tables of calls, each an expression.
 */
export function compiledDocs() {
  const worker = EXAMPLE.exec(readFileSync(join(root, "docs/deploying.md"), "utf8"))[1];
  const text = readFileSync(join(root, "docs/migrating.md"), "utf8");
  const example = EXAMPLE.exec(text)[1];
  const tables = text.split(/^## /m).filter((part) => part.startsWith("Calls of"));
  const cells = tables.flatMap((table) => table.split("\n").filter((line) => line.startsWith("| `")));
  const codes = cells.map((line) => line.split(" | ")[1]).filter((cell) => cell.startsWith("`"));
  const rows = codes.map((cell, at) => `export const row${at} = () => ${cell.slice(1, -1)};\n`);
  const declared = "declare const userPoolId: string, clientId: string;\n";
  return {
    "adopting.ts": `${declared}${example}export { flow };\n`,
    "migrating.ts": GIVEN + rows.join(""),
    "worker.ts": `${WORKER}${worker}export { flow };\n`,
  };
}
