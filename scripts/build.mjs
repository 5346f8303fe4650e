// Builds what is out of date:
//   dist/        the npm package: the client with its module inside (index.js) or beside (external.js),
//                and the element (ui/)
//   build/pool/  the local pool as a second WebAssembly module, for the page and the tests
import { createHash } from "node:crypto";
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import { step, write } from "./lib/files.mjs";
import { isDoor, missingDoors } from "./lib/doors.mjs";
import { inParts, slimGlue, usedExports } from "./lib/glue.mjs";
import { inlineModule } from "./lib/inline.mjs";
import { notices } from "./lib/notices.mjs";
import { apart } from "./lib/places.mjs";
import { Failure, ask, main, root, run, say, targetDir } from "./lib/run.mjs";
import { TARGET, wasmEnvironment } from "./lib/rust.mjs";
import { smallStd } from "./lib/small-std.mjs";
import { inTwo } from "./lib/split.mjs";
import { forBuilding, provide } from "./provision/needs.mjs";

/** Why the client was built with the ordinary standard library; empty where it was not. */
export const ORDINARY_STD = join(root, "build/client/ordinary-std.txt");

const dist = join(root, "dist");
const work = join(root, "build");
const NOTICES = "THIRD-PARTY-LICENSES.txt";
const bindgen = join(targetDir, "debug/bindgen");

/** Builds, installing what that needs; quick when nothing changed. */
export async function build({ pool = true } = {}) {
  await provide(forBuilding());
  // The profile that the tests use: they compile this tool too. It comes first because `compile` asks
  // where the sources lie that it downloads.
  const nativeEnv = { ...process.env, CARGO_TARGET_DIR: targetDir };
  await run("cargo", ["build", "--quiet", "--locked", "--package=bindgen"], { env: nativeEnv });
  const env = wasmEnvironment();
  // Much of either is done by one processor.
  const client = buildClient(env).then(buildElement);
  await Promise.all([client, pool && buildPool(env)]);
}

// `--client`: the npm package alone.
main(import.meta, async () => {
  const pool = !process.argv.includes("--client");
  await build({ pool });
  say(pool ? "built dist/ and build/pool/" : "built dist/");
});

/**
 * The client's module as the compiler leaves it, with the tables that say from which line each byte of
 * its code comes.
 */
export async function compileWithLines() {
  const { env, flags, rustflags } = smallStd(wasmEnvironment());
  const own = { ...env, CARGO_TARGET_DIR: join(targetDir, "for-lines") };
  const profile = ['debug="line-tables-only"', 'strip="none"'];
  const more = profile.flatMap((setting) => ["--config", `profile.wasm.${setting}`]);
  return await compile("cognito-flow", own, [...flags, ...more], [...rustflags]);
}

async function buildClient(env) {
  const { env: small, flags, rustflags, missing } = smallStd(env);
  const compiled = await compile("cognito-flow", small, flags, rustflags);
  const folder = join(work, "client");
  const wasm = await bind(compiled, folder, ["--no-default-path", "--keep-names"], { slim: true });
  write(ORDINARY_STD, missing ?? "");
  await step(
    {
      stamp: join(folder, ".bundled"),
      inputs: [
        wasm,
        ...PARTS.map((name) => join(folder, name)),
        ...["js", "Cargo.lock", "scripts/build.mjs", RECORD].map((name) => join(root, name)),
        ...["inline.mjs", "streams.mjs", "unpack.wat", "notices.mjs"].map((name) =>
          join(root, "scripts/lib", name),
        ),
      ],
      outputs: ["index.js", "external.js", "lean.js", "second.js", ...LATER, ...BESIDE, ...DECLARATIONS, basename(wasm), NOTICES].map(
        (name) => join(dist, name),
      ),
      versions: [version("esbuild"), version("binaryen")],
    },
    async () => {
      say("bundling dist/");
      rmSync(dist, { recursive: true, force: true });
      mkdirSync(dist, { recursive: true });
      await bundlePackage();
      copyFileSync(wasm, join(dist, basename(wasm)));
      for (const name of DECLARATIONS) copyFileSync(join(root, "js", name), join(dist, name));
      write(join(dist, NOTICES), `${notices("cognito-flow")}${rule()}${licence("lean-qr")}`);
    },
  );
}

/** What is made of the client's module besides the module itself: its glue, its two parts and theirs. */
const [FIRST, SECOND, GLUE, GLUE_OF_PARTS] = ["first.wasm", "second.wasm", "cognito_flow.js", "parts.js"];
const PARTS = [FIRST, SECOND, GLUE, GLUE_OF_PARTS];

/** Bundles js/, around the module as it was built last. */
export async function bundlePackage() {
  const folder = join(work, "client");
  const read = (name) => readFileSync(join(folder, name));
  const whole = { wasm: read("cognito_flow_bg.wasm"), glue: join(folder, GLUE) };
  await bundle("index.js", "load-inline.js", whole);
  await bundle("external.js", "load-external.js", whole);
  const first = { wasm: read(FIRST), glue: join(folder, GLUE_OF_PARTS) };
  await bundle("lean.js", "load-inline.js", first, "second.js");
  const part = `export const part = ${JSON.stringify(partOf(first.wasm))};\n`;
  const second = await inlineModule(read(SECOND));
  const { outputFiles } = await (await import("esbuild")).build({
    ...BUNDLED,
    stdin: { contents: part + second, sourcefile: "second.js" },
  });
  write(join(dist, "second.js"), outputFiles[0].contents);
  for (const name of LATER) await bundled(name, name);
  const define = { RECORD_VERSION: recordVersion() };
  for (const name of BESIDE) await bundled(name, name, { define, external: PEERS });
}

const rule = () => `\n${"-".repeat(100)}\n\n`;

/** The words of an npm package's licence. */
function licence(name) {
  const text = readFileSync(join(root, "node_modules", name, "LICENSE"), "utf8").trim();
  return `${name} ${version(name)}, in dist/ui\n\n${text}\n`;
}

/** Bundles the element: an entry, one for servers, and what is loaded when it is needed. */
async function buildElement() {
  const folder = join(dist, "ui");
  await step(
    {
      stamp: join(work, "client/.element"),
      inputs: [join(root, "ui"), join(root, "scripts/build.mjs")],
      outputs: ["index.js", "server.js", "index.d.ts", "server.d.ts"].map((name) => join(folder, name)),
      versions: [version("esbuild"), version("lean-qr")],
    },
    async () => {
      say("bundling dist/ui/");
      rmSync(folder, { recursive: true, force: true });
      const esbuild = await import("esbuild");
      const { outputFiles } = await esbuild.build({
        ...BUNDLED,
        // The many small files are parts of these two, which say whose they are.
        banner: {},
        entryPoints: ["index.js", "server.js"].map((name) => join(root, "ui", name)),
        outdir: folder,
        splitting: true,
        chunkNames: "[name]-[hash]",
        plugins: [elementModules(esbuild)],
      });
      const isEntry = (path) => ["index.js", "server.js"].includes(basename(path));
      for (const { path, text } of outputFiles) write(path, isEntry(path) ? `${BANNER}\n${text}` : text);
      for (const name of ["index.d.ts", "server.d.ts"]) {
        copyFileSync(join(root, "ui", name), join(folder, name));
      }
    },
  );
}

/** The client is the file that lies beside; the styles are taken as they come out, and made small. */
function elementModules(esbuild) {
  return {
    name: "cognito-flow-element",
    setup(build) {
      build.onResolve({ filter: /cognito-flow\/lean\.js$/ }, () => ({ path: "../lean.js", external: true }));
      build.onResolve({ filter: /^\.\/lean-qr\/index\.mjs$/ }, () => ({
        path: join(root, "node_modules/lean-qr/index.mjs"),
      }));
      build.onLoad({ filter: /ui\/style\.js$/ }, async ({ path }) => {
        const { css } = await import(`${path}?${statSync(path).mtimeMs}`);
        const { code } = await esbuild.transform(css, { loader: "css", minify: true });
        return { contents: `export const css = ${JSON.stringify(code.trim())};` };
      });
    },
  };
}

const BANNER = "/*! cognito-flow, MIT OR Apache-2.0 */";
const BUNDLED = {
  bundle: true,
  minify: true,
  write: false,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  logLevel: "warning",
  banner: { js: BANNER },
};

/** What `import()` loads when it is used: files beside the others, which need nothing of them. */
const LATER = ["passkeys.js", "redirect.js"];

/** Entries of their own beside the client. */
const BESIDE = ["amplify.js", "devtools.js", "react.js", "svelte.js", "vue.js", "worker.js"];
/** What they leave to the app, and what they load. */
const PEERS = ["react", "vue", "./ui/index.js"];
const DECLARATIONS = ["index.d.ts", ...BESIDE.map((name) => name.replace(".js", ".d.ts"))];

/** The file that says which version the kept records have. */
const RECORD = "src/flow/record.rs";

function recordVersion() {
  const [, version] = /^const VERSION: f64 = (\d+)\.0;$/m.exec(readFileSync(join(root, RECORD), "utf8")) ?? [];
  if (version === undefined) throw new Failure(`${RECORD} does not say which version its records have`);
  return version;
}

/** Members that js/ and the glue alone name, and nothing of the platform has: they are made short. */
const OWN_NAMES =
  /^(acquire|area|ask|aside|complete|cover|first|heed|held|inTurn|inUse|isMissing|isOfTab|leaves|look|missing|ready|release|slots|tell|uncover|use|wake|__wbg_ptr|_wbg_cb_unref)$/;

/** `second` is the file with the module's second part, where that is not in this one. */
async function bundle(name, loader, { wasm, glue }, second) {
  await bundled(name, "index.js", {
    mangleProps: OWN_NAMES,
    external: [second, ...LATER].filter(Boolean).map((name) => `./${name}`),
    plugins: [modules({ loader: join(root, "js", loader), glue, wasm, isWhole: !second })],
  });
}

async function bundled(name, entry, options = {}) {
  const esbuild = await import("esbuild");
  const { outputFiles } = await esbuild.build({
    ...BUNDLED,
    entryPoints: [join(root, "js", entry)],
    ...options,
  });
  write(join(dist, name), outputFiles[0].contents);
}

/** Resolves what js/ imports without saying where it lies: its loader, the glue, the module or its hash. */
function modules({ loader, glue, wasm, isWhole }) {
  return {
    name: "cognito-flow-modules",
    setup(build) {
      build.onResolve({ filter: /^\.\/load\.js$/ }, () => ({ path: loader }));
      if (isWhole) {
        const path = join(root, "js/turns-whole.js");
        build.onResolve({ filter: /^\.\/turns\.js$/ }, () => ({ path }));
      }
      build.onResolve({ filter: /^#glue$/ }, () => ({ path: glue }));
      build.onResolve({ filter: /^#wasm$/ }, () => ({ path: "wasm", namespace: "inline" }));
      build.onLoad({ filter: /.*/, namespace: "inline" }, async () => ({
        contents: await inlineModule(wasm),
      }));
      const facts = {
        hash: `export const hash = ${JSON.stringify(hashOf(wasm))};`,
        part: `export const part = ${JSON.stringify(partOf(wasm))};`,
        none: "export const secondPart = undefined;",
      };
      build.onResolve({ filter: /^#(hash|part)$/ }, ({ path }) => ({ path: path.slice(1), namespace: "fact" }));
      build.onResolve({ filter: /^#second$/ }, () =>
        isWhole ? { path: "none", namespace: "fact" } : { path: join(root, "js/load-second.js") },
      );
      build.onLoad({ filter: /.*/, namespace: "fact" }, ({ path }) => ({ contents: facts[path] }));
    },
  };
}

const hashOf = (wasm) => createHash("sha256").update(wasm).digest("base64");

/** Which module's first part it is: enough to tell releases apart. */
const partOf = (wasm) => hashOf(wasm).slice(0, 8);

/** Shortens the names of imports and exports in module and glue: a kilobyte less to download. */
function shortened(glue, wasmOpt, wasm) {
  const pass = "--minify-imports-and-exports-and-modules";
  const passes = ["-Oz", ...ONCE_ONLY, pass, ...FEATURES];
  const { ok, stdout, stderr } = ask(process.execPath, [wasmOpt, ...passes, wasm, "-o", wasm]);
  if (!ok) throw new Failure(`wasm-opt: ${stderr}`);
  const { imports, exports } = JSON.parse(stdout);
  let text = glue.replaceAll('"./cognito_flow_bg.js"', '"a"');
  for (const [, name, short] of imports) {
    if (!text.includes(name)) throw new Failure(`wasm-bindgen's glue has no ${name}`);
    text = text.replaceAll(new RegExp(`\\b${name}\\b`, "g"), short);
  }
  // An export that the glue does not name is used by nobody.
  for (const [name, short] of exports) {
    text = text.replaceAll(new RegExp(`\\bwasm\\.${name}\\b`, "g"), `wasm.${short}`);
  }
  return text;
}

/** Makes a module as small as it gets; answers with the glue for it, whose names are shorter too. */
async function optimised(input, glue, wasm) {
  const wasmOpt = join(root, "node_modules/binaryen/bin/wasm-opt");
  const made = join(work, "raw/optimised.wasm");
  await run(process.execPath, [wasmOpt, ...OPTIMISE, ...ONCE_MORE, ...ONCE_ONLY, input, "-o", made]);
  const text = glue === "" ? "" : shortened(glue, wasmOpt, made);
  write(made, await apart(readFileSync(made)));
  await run(process.execPath, [wasmOpt, ...IN_PLACE, made, "-o", made]);
  write(wasm, readFileSync(made));
  return text;
}

/** Cuts a module in two, which are texts; answers with their paths. */
function cut(wasm, folder) {
  const bin = join(root, "node_modules/binaryen/bin");
  const { ok, stdout, stderr } = ask(process.execPath, [join(bin, "wasm-dis"), wasm]);
  if (!ok) throw new Failure(`wasm-dis: ${stderr}`);
  const { first, second, names } = inTwo(stdout, isDoor);
  const missing = missingDoors(names);
  if (missing.length > 0) throw new Failure(`no function is called ${missing.join(", ")} (scripts/lib/doors.mjs)`);
  const paths = { first: join(folder, "first.wat"), second: join(folder, "second.wat") };
  write(paths.first, first);
  write(paths.second, second);
  return paths;
}

/** Takes out of a module what only exports need that the glue does not use. */
async function withoutUnused(glue, wasm, folder) {
  const graph = usedExports(glue).map((name) => ({ name, root: true, export: name }));
  const file = join(folder, "exports.json");
  write(file, JSON.stringify(graph));
  const tool = join(root, "node_modules/binaryen/bin/wasm-metadce");
  const { ok, stderr } = ask(process.execPath, [tool, wasm, `--graph-file=${file}`, ...FEATURES, "-g", "-o", wasm]);
  if (!ok) throw new Failure(`wasm-metadce: ${stderr}`);
}

async function buildPool(env) {
  const folder = join(work, "pool");
  await bind(await compile("cognito-pool", env), folder, []);
  const scripts = join(root, "pool/js");
  if (existsSync(scripts)) cpSync(scripts, folder, { recursive: true });
}

/** Compiles one package for wasm, on its own: built together, each would get the other's features. */
async function compile(name, env, more = [], rustflags = []) {
  // The text of a panic names its source file: not by a path of the machine that compiled it.
  const home = process.env.CARGO_HOME ?? join(homedir(), ".cargo");
  const sysroot = ask("rustc", ["--print=sysroot"], { env }).stdout.trim();
  const sources = [...foldersIn(join(home, "registry/src")), join(sysroot, "lib/rustlib/src/rust")];
  const remapped = sources.map((folder) => `--remap-path-prefix=${folder}/=`);
  // Added to those of .cargo/config.toml, which RUSTFLAGS would take the place of.
  const added = `target.${TARGET}.rustflags=${JSON.stringify([...remapped, ...rustflags])}`;
  const flags = ["--quiet", "--locked", "--lib", "--profile=wasm", `--target=${TARGET}`, ...more];
  await run("cargo", ["rustc", "--config", added, ...flags, `--package=${name}`], { env });
  return join(env.CARGO_TARGET_DIR, TARGET, "wasm", `${name.replaceAll("-", "_")}.wasm`);
}

function foldersIn(path) {
  if (!existsSync(path)) return [];
  return readdirSync(path).sort().map((name) => join(path, name));
}

/** Runs wasm-bindgen and wasm-opt on a module; answers with the optimised module's path. */
async function bind(compiled, folder, flags, { slim = false } = {}) {
  const name = basename(compiled, ".wasm");
  const wasm = join(folder, `${name}_bg.wasm`);
  await step(
    {
      stamp: join(folder, ".bound"),
      inputs: [
        compiled,
        ...["Cargo.lock", "scripts/build.mjs", "tools/bindgen/src"].map((name) => join(root, name)),
        ...["doors.mjs", "glue.mjs", "places.mjs", "split.mjs"].map((name) => join(root, "scripts/lib", name)),
      ],
      outputs: [wasm, ...(slim ? PARTS : [`${name}.js`]).map((name) => join(folder, name))],
      versions: [flags, OPTIMISE, slim, version("binaryen")],
    },
    async () => {
      say(`wasm-bindgen and wasm-opt on ${name}`);
      const raw = join(work, "raw", name);
      await run(bindgen, [compiled, raw, ...flags]);
      mkdirSync(folder, { recursive: true });
      const wasmOpt = join(root, "node_modules/binaryen/bin/wasm-opt");
      const input = join(raw, `${name}_bg.wasm`);
      const glue = readFileSync(join(raw, `${name}.js`), "utf8");
      if (!slim) {
        await run(process.execPath, [wasmOpt, ...OPTIMISE_ONCE, input, "-o", wasm]);
        write(join(folder, `${name}.js`), glue);
        return;
      }
      const slimmed = slimGlue(glue);
      await withoutUnused(slimmed, input, raw);
      write(join(folder, GLUE), await optimised(input, slimmed, wasm));
      const parts = cut(input, raw);
      write(join(folder, GLUE_OF_PARTS), await optimised(parts.first, inParts(slimmed), join(folder, FIRST)));
      await optimised(parts.second, "", join(folder, SECOND));
    },
  );
  return wasm;
}

// The features that rustc turns on for this target by default, and .cargo/config.toml.
const OPTIMISE = [
  "-Oz",
  "--converge",
  // The first kilobyte is the far end of the stack: offsets go into the instructions that load.
  // A tenth less time for SRP.
  "--low-memory-unused",
  "--enable-bulk-memory",
  "--enable-multivalue",
  "--enable-mutable-globals",
  "--enable-nontrapping-float-to-int",
  "--enable-reference-types",
  "--enable-sign-ext",
  "--enable-simd",
];
/** Twice as fast, and half a percent more: for the pool, which is large and no part of the package. */
const OPTIMISE_ONCE = OPTIMISE.filter((flag) => flag !== "--converge");
const FEATURES = OPTIMISE.filter((flag) => flag.startsWith("--enable"));

// Blocks and locals laid out anew, and optimised again: 0.2 kB less to download.
const ONCE_MORE = ["--flatten", "--rereloop", "-Oz", "-Oz"];

// A function that is called once stays one where it is large: with fewer locals, each is nearer. 0.1 kB less.
const ONCE_ONLY = ["--one-caller-inline-max-function-size=100"];

// What was read in and is written out again, with its functions in the order that they have by now.
// Which features it has is for tools to read, and this is the last of them: 0.1 kB.
const IN_PLACE = ["-Oz", ...ONCE_ONLY, "--skip-pass=reorder-functions", "--strip-target-features", ...FEATURES];

function version(name) {
  return JSON.parse(readFileSync(join(root, "node_modules", name, "package.json"), "utf8")).version;
}
