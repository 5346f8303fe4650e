// The order of a module's functions, as far as V8 makes a page pay for it.
//
// The name of a function that a module exports is its number, written out, and V8 remembers the numbers
// that it wrote by their lower seven bits. As soon as two want one place it makes room for thousands of
// them: 64 kB of heap, a third of what this client held. So exported functions stand apart.

const PLACES = 128;

/** The module, with exported functions moved next to the following ones until no two share a place. */
export async function apart(wasm) {
  const { default: binaryen } = await import("binaryen");
  const module = binaryen.readBinary(wasm);
  // Each can be moved once: where there are more of them than places, nothing helps.
  for (let left = exported(binaryen, module).length; left > 0; left -= 1) {
    const functions = exported(binaryen, module);
    const first = functions.findIndex(({ place }, index) =>
      functions.slice(index + 1).some((other) => other.place === place),
    );
    if (first < 0) break;
    const names = ownFunctions(binaryen, module).map(({ name }) => name);
    const behind = names.slice(names.indexOf(functions[first + 1].name));
    for (const name of [functions[first].name, ...behind]) moveToTheEnd(binaryen, module, name);
  }
  const bytes = module.emitBinary();
  module.dispose();
  return bytes;
}

/** The module's own functions that are exported, in their order. */
function exported(binaryen, module) {
  const names = listed(module.getNumExports(), (index) => binaryen.getExportInfo(module.getExportByIndex(index)))
    .filter(({ kind }) => kind === binaryen.ExternalFunction)
    .map(({ value }) => value);
  return ownFunctions(binaryen, module).filter(({ name }) => names.includes(name));
}

function ownFunctions(binaryen, module) {
  const functions = listed(module.getNumFunctions(), (index) =>
    binaryen.getFunctionInfo(module.getFunctionByIndex(index)),
  );
  const own = functions.filter((it) => it.module === "");
  // Those that are imported are counted first.
  const imported = functions.length - own.length;
  return own.map(({ name }, index) => ({ name, place: (imported + index) % PLACES }));
}

const listed = (length, at) => Array.from({ length }, (_, index) => at(index));

function moveToTheEnd(binaryen, module, name) {
  const { params, results, vars, body } = binaryen.getFunctionInfo(module.getFunction(name));
  const copy = module.copyExpression(body);
  module.removeFunction(name);
  module.addFunction(name, params, results, vars, copy);
}
