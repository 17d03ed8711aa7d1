import { existsSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type Metafile } from "esbuild";
import { BowlineError } from "../error.ts";
import { type Artifact, type BuildApp, splitHandler, storeFiles } from "./artifact.ts";
import { bundleError } from "./bundle-error.ts";
import { firstPartyModules } from "./check/index.ts";
import type { BuildRequest } from "./request.ts";

const ENDINGS = [".ts", ".mts", ".tsx", ".cts", ".js", ".mjs", ".jsx", ".cjs"];
/** ESM output may still meet packages that call `require`. */
const REQUIRE_SHIM =
  'import { createRequire as __bowlineRequire } from "node:module"; const require = __bowlineRequire(import.meta.url);';

/** Bundles a TypeScript or JavaScript handler with what it imports. */
export async function buildNode(app: BuildApp, request: BuildRequest): Promise<Artifact> {
  const { module, name } = splitHandler(request.consumer, request.handler);
  const entry = findSource(app.root, request, module);
  const output = `${module.replace(/^(\.\/)+/, "")}.mjs`;
  const result = await bundle(app, request, entry, output);
  checkExport(request, relative(app.root, entry), name, result.metafile);
  const files = new Map(
    result.outputFiles.map((file) => [relative(app.root, file.path).split(sep).join("/"), file.contents]),
  );
  return {
    handler: `${output.slice(0, -".mjs".length)}.${name}`,
    files: await storeFiles(app.artifacts, files),
    sources: Object.keys(result.metafile.inputs)
      .map((path) => resolve(app.root, path))
      .filter((path) => !path.includes(`${sep}node_modules${sep}`) && existsSync(path)),
    modules: await firstPartyModules(app.root, result.metafile),
  };
}

async function bundle(app: BuildApp, request: BuildRequest, entry: string, output: string) {
  try {
    return await build({
      absWorkingDir: app.root,
      entryPoints: [{ in: entry, out: output.slice(0, -".mjs".length) }],
      outdir: app.root,
      outExtension: { ".js": ".mjs" },
      bundle: true,
      write: false,
      metafile: true,
      platform: "node",
      target: "node22",
      format: "esm",
      mainFields: ["module", "main"],
      sourcemap: "linked",
      sourcesContent: false,
      // Where a function runs on this machine, a stack trace points at the user's own file.
      ...(app.home === "local"
        ? { sourceRoot: `${pathToFileURL(dirname(join(app.root, output))).href}/` }
        : {}),
      minify: request.nodejs?.minify ?? false,
      keepNames: true,
      external: [...(request.nodejs?.external ?? [])],
      banner: { js: REQUIRE_SHIM },
      logLevel: "silent",
    });
  } catch (cause) {
    throw bundleError(app, request, cause);
  }
}

function findSource(root: string, request: BuildRequest, module: string): string {
  const found = ENDINGS.map((ending) => resolve(root, module + ending)).find((path) => existsSync(path));
  if (!found) {
    throw new BowlineError(
      "no-handler-file",
      `${request.consumer}: there is no file for the handler "${request.handler}".`,
      { hint: `Looked for ${module}.ts (or .mts, .tsx, .js, .mjs, …) in ${root}.` },
    );
  }
  return found;
}

function checkExport(request: BuildRequest, file: string, name: string, metafile: Metafile): void {
  const output = Object.values(metafile.outputs).find((candidate) => candidate.entryPoint);
  const exports = output?.exports ?? [];
  // A CommonJS module shows only `default`; what it exports is known when it runs.
  if (exports.includes(name) || (exports.length === 1 && exports[0] === "default")) return;
  throw new BowlineError("no-handler-export", `${request.consumer}: ${file} does not export "${name}".`, {
    hint:
      exports.length > 0
        ? `It exports ${exports.join(", ")}.`
        : `Write: export const ${name} = async (event) => { … };`,
  });
}
