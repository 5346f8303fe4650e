// The code of docs/migrating.md as a module that TypeScript compiles: its example, and what stands in
// the column "here" of its tables of calls.
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

/** `{ example, rows }`: two modules; every code of a row is an expression. */
export function compiledDocs() {
  const text = readFileSync(join(root, "docs/migrating.md"), "utf8");
  const example = /^```typescript\n(.*?)^```$/ms.exec(text)[1];
  const tables = text.split(/^## /m).filter((part) => part.startsWith("Calls of"));
  const cells = tables.flatMap((table) => table.split("\n").filter((line) => line.startsWith("| `")));
  const codes = cells.map((line) => line.split(" | ")[1]).filter((cell) => cell.startsWith("`"));
  const rows = codes.map((cell, at) => `export const row${at} = () => ${cell.slice(1, -1)};\n`);
  const declared = "declare const userPoolId: string, clientId: string;\n";
  return { example: `${declared}${example}export { flow };\n`, rows: GIVEN + rows.join("") };
}
