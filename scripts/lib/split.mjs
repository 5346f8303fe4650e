// Cuts a module in two: what every page needs, and what only some do, which is loaded when it is needed.
//
// Both work on one memory and call each other through the table of the first. Until the second is there
// its places in that table are empty, and calling one of them is a trap: the glue (glue.mjs) then takes
// the module's memory back to where it was, and js/turns.js loads the second and does the same once more.
// So which functions are in which part decides how soon it is loaded, and never what the machine does.
//
// It works on the text of the module, with the functions' names in it.
import { Failure } from "./run.mjs";

/** What the first part exports for the second, by names that nothing else has. */
const SHARED = { table: "shared_table", stack: "shared_stack" };

/** A name, plain or in quotes. */
const NAME = String.raw`\$(?:"(?:[^"\\]|\\.)*"|[^\s()"]+)`;

/**
 * The two parts, as text, of a module's text. `isDoor` says by the name of a function whether it
 * leads to the second.
 */
export function inTwo(wat, isDoor) {
  const module = read(wat);
  const later = ofSecond(module, isDoor);

  const ofFirst = module.functions.filter(({ name }) => !later.has(name));
  const others = module.functions.filter(({ name }) => later.has(name));
  const entries = [...new Set(ofFirst.flatMap(({ text }) => called(text, "call")))].filter((name) => later.has(name));
  const first = new Set([...ofFirst, ...module.imports].map(({ name }) => name));
  const returns = [...new Set(others.flatMap(({ text }) => called(text, "call")))].filter((name) => first.has(name));

  const { name: table, size, elements } = module.table;
  const slot = new Map([...entries, ...returns].map((name, index) => [name, size + index]));
  const whole = size + slot.size;
  const signatures = new Map([...module.functions, ...module.imports].map((it) => [it.name, it]));
  const thunk = (name) => thunkOf(signatures.get(name), table, slot.get(name));

  return {
    first: [
      "(module",
      ...module.types,
      ...module.imports.map(({ text }) => text),
      ...module.globals.map(({ text }) => text),
      module.memory,
      ...module.datas,
      ` (table ${table} ${whole} ${whole} funcref)`,
      ...module.otherTables,
      ...segments(table, elements, (name) => !later.has(name)),
      ...segments(table, returns.map((name) => [slot.get(name), name]), () => true),
      ...module.exports,
      ` (export "${SHARED.table}" (table ${table}))`,
      ...module.globals.map(({ name }) => ` (export "${SHARED.stack}" (global ${name}))`),
      ...ofFirst.map(({ text }) => text),
      ...entries.map(thunk),
      ")",
    ].join("\n"),
    second: [
      "(module",
      ...module.types,
      ` (import "a" "m" ${module.memory.trim()})`,
      ` (import "a" "t" (table ${table} ${whole} ${whole} funcref))`,
      ...module.globals.map(({ name, type }) => ` (import "a" "s" (global ${name} ${type}))`),
      ...segments(table, elements, (name) => later.has(name)),
      ...segments(table, entries.map((name) => [slot.get(name), name]), () => true),
      ...others.map(({ text }) => text),
      ...returns.map(thunk),
      ")",
    ].join("\n"),
    names: module.functions.map(({ name }) => name),
  };
}

/** The functions that belong to the second part: those that are reached through its doors alone. */
function ofSecond(module, isDoor) {
  const calls = new Map(module.functions.map(({ name, text }) => [name, called(text, "call")]));
  const pointed = module.table.elements.map(([, name]) => name).filter((name) => !isDoor(name));
  const held = [...module.exports.flatMap((it) => called(it, "func")), ...pointed];
  const first = new Set();
  const open = held.filter((name) => calls.has(name));
  while (open.length > 0) {
    const name = open.pop();
    if (first.has(name)) continue;
    first.add(name);
    for (const other of calls.get(name)) if (calls.has(other) && !isDoor(other)) open.push(other);
  }
  return new Set([...calls.keys()].filter((name) => !first.has(name)));
}

function read(wat) {
  const items = wat.split(/\n(?= \()/).slice(1).map((it) => ` ${it.trim()}`);
  // The end of the module, and the comment before it.
  items.push(items.pop().replace(/\n(?: ;;[^\n]*\n)?\)$/, "").trimEnd());
  const of = (kind) => items.filter((it) => it.startsWith(` (${kind} `));
  const known = ["type", "import", "global", "memory", "data", "table", "elem", "export", "func"];
  const strange = items.find((it) => !known.some((kind) => it.startsWith(` (${kind} `)));
  if (strange !== undefined) throw unreadable(strange);

  const globals = of("global").map((text) => {
    const [, name, type] = new RegExp(`^ \\(global (${NAME}) (\\(mut i32\\)) `).exec(text) ?? [];
    if (name === undefined) throw unreadable(text);
    return { name, type, text };
  });
  const [memory, ...otherMemories] = of("memory");
  const tables = of("table");
  const ours = tables.filter((it) => it.endsWith(" funcref)"));
  const elems = of("elem");
  if (globals.length !== 1 || otherMemories.length > 0 || ours.length !== 1 || elems.length !== 1) {
    throw unreadable("it has not one global, memory, table of functions and list of them each");
  }
  const [, table, size] = new RegExp(`^ \\(table (${NAME}) (\\d+) \\2 funcref`).exec(ours[0]) ?? [];
  const [, from, names] = new RegExp(`^ \\(elem ${NAME} \\(table ${NAME}\\) \\(i32\\.const (\\d+)\\) func (.*)\\)$`).exec(elems[0]) ?? [];
  if (table === undefined || names === undefined) throw unreadable("its table has another form");
  const elements = names.match(new RegExp(NAME, "g")).map((name, index) => [Number(from) + index, name]);
  return {
    types: of("type"),
    imports: of("import").map((text) => ({ ...signature(/\(func .*\)\)$/.exec(text)?.[0].slice(0, -1) ?? "", text), text })),
    globals,
    memory,
    datas: of("data"),
    table: { name: table, size: Number(size), elements },
    otherTables: tables.filter((it) => it !== ours[0]),
    exports: of("export"),
    functions: of("func").map((text) => ({ ...signature(text.trim().split("\n")[0], text), text })),
  };
}

/** The name of a function, what it takes and what it gives. */
function signature(head, text) {
  const [, name] = new RegExp(`^\\(func (${NAME})`).exec(head) ?? [];
  if (name === undefined) throw unreadable(text);
  const params = [...head.matchAll(/\(param (?:\$\S+ )?([^)]*)\)/g)].flatMap(([, types]) => types.split(" "));
  return { name, params, result: /\(result \w+\)/.exec(head)?.[0] ?? "" };
}

/** A function that calls what is at a place of the table. */
function thunkOf({ name, params, result }, table, place) {
  const types = params.map((type) => `(param ${type})`).join(" ");
  const given = params.map((_, index) => `(local.get ${index})`).join(" ");
  return ` (func ${name} ${types} ${result} (call_indirect ${table} ${types} ${result} ${given} (i32.const ${place})))`;
}

/** The functions that a text calls. */
function called(text, how) {
  return [...text.matchAll(new RegExp(`\\(${how} (${NAME})`, "g"))].map(([, name]) => name);
}

/** Those of the places that are asked for, as far as they follow each other in one list. */
function segments(table, places, isWanted) {
  const runs = [];
  for (const [place, name] of places) {
    if (!isWanted(name)) continue;
    const run = runs.at(-1);
    if (run !== undefined && run.from + run.names.length === place) run.names.push(name);
    else runs.push({ from: place, names: [name] });
  }
  return runs.map(({ from, names }) => ` (elem (table ${table}) (i32.const ${from}) func ${names.join(" ")})`);
}

const unreadable = (what) => new Failure(`the module cannot be cut in two: ${what.slice(0, 200)} (scripts/lib/split.mjs)`);
