// The module, from beside this file or, in the repository, from where the build puts it.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const here = import.meta.dirname;

export const { version } = JSON.parse(readFileSync(join(here, "package.json"), "utf8"));

let loading;

/** The class of the local pool, loaded once. */
export function loadPool() {
  return (loading ??= (async () => {
    const packed = join(here, "module");
    const folder = existsSync(packed) ? packed : join(here, "../../build/pool");
    const { default: init, LocalPool } = await import(pathToFileURL(join(folder, "cognito_pool.js")));
    await init({ module_or_path: readFileSync(join(folder, "cognito_pool_bg.wasm")) });
    return LocalPool;
  })());
}
