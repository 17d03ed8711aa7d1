import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { builtinModules } from "node:module";
import { dirname, extname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Loader, type Metafile, type Plugin } from "esbuild";
import { BowlineError } from "../error.ts";
import { type Artifact, type BuildApp, storeFiles } from "./artifact.ts";
import { bundleError } from "./bundle-error.ts";
import { firstPartyModules } from "./check/index.ts";
import { LOG_MARK } from "./log-mark.ts";
import type { BuildRequest } from "./request.ts";

/** The one module a Worker is deployed as. */
export const WORKER_MODULE = "worker.mjs";

/** Bundles a Worker's handler: one module, in which links are ready before the first line of the user's runs. */
export async function buildWorker(app: BuildApp, request: BuildRequest): Promise<Artifact> {
  const entry = findEntry(app.root, request);
  const result = await bundle(app, request, entry);
  checkExports(request, relative(app.root, entry), result.metafile);
  const files = new Map(
    result.outputFiles.map((file) => [relative(app.root, file.path).split(sep).join("/"), file.contents]),
  );
  return {
    handler: WORKER_MODULE,
    files: await storeFiles(app.artifacts, files),
    sources: Object.keys(result.metafile.inputs)
      .map((path) => resolve(app.root, path))
      .filter((path) => !path.includes(`${sep}node_modules${sep}`) && existsSync(path)),
    modules: await firstPartyModules(app.root, result.metafile),
  };
}

async function bundle(app: BuildApp, request: BuildRequest, entry: string) {
  try {
    if (app.home !== "local") return await bundleWith(app, request, []);
    // What is added to the user's file must not show in an error of the user's.
    return await bundleWith(app, request, [watchedHandlers(entry)]).catch(() => bundleWith(app, request, []));
  } catch (cause) {
    throw bundleError(app, request, cause);
  }

  function bundleWith({ root }: BuildApp, { nodejs }: BuildRequest, watching: readonly Plugin[]) {
    return build({
      absWorkingDir: root,
      entryPoints: [{ in: entry, out: WORKER_MODULE.slice(0, -".mjs".length) }],
      outdir: root,
      outExtension: { ".js": ".mjs" },
      bundle: true,
      write: false,
      metafile: true,
      platform: "browser",
      conditions: ["workerd", "worker", "browser"],
      mainFields: ["browser", "module", "main"],
      target: "es2024",
      format: "esm",
      sourcemap: "linked",
      sourcesContent: false,
      minify: nodejs?.minify ?? false,
      keepNames: true,
      loader: { ".txt": "text", ".html": "text", ".sql": "text" },
      external: ["cloudflare:*", "node:*", ...(nodejs?.external ?? [])],
      inject: [PRELUDE],
      plugins: [prelude(app, request), ...watching, unprefixedBuiltins],
      logLevel: "silent",
    });
  }
}

const PRELUDE = "bowline:worker-prelude";

/** What runs before the user's code: it links `env`, and locally marks what is logged with the Worker's name. */
function prelude(app: BuildApp, request: BuildRequest): Plugin {
  const mark = JSON.stringify(LOG_MARK + request.consumer + LOG_MARK);
  const marking = `
    for (const level of ["debug", "error", "info", "log", "warn"]) {
      const write = console[level];
      console[level] = (first, ...rest) =>
        typeof first === "string" ? write(${mark} + first, ...rest) : write(${mark}, first, ...rest);
    }`;
  return {
    name: "bowline-worker-prelude",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^bowline:worker-prelude$/ }, () => ({ path: "prelude", namespace: "bowline" }));
      onLoad({ filter: /./, namespace: "bowline" }, () => ({
        contents: `import ${JSON.stringify(ownSdk())};${app.home === "local" ? marking : ""}`,
        resolveDir: app.root,
      }));
    },
  };
}

/** Locally, what a handler throws is told with its stack: workerd itself tells of it without. */
function watchedHandlers(entry: string): Plugin {
  return {
    name: "bowline-watched-handlers",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^bowline:worker-watch$/ }, () => ({ path: "watch", namespace: "bowline-watch" }));
      onLoad({ filter: /./, namespace: "bowline-watch" }, () => ({ contents: WATCH }));
      // Every file that matches crosses over to this process, which takes longer than bundling it.
      onLoad({ filter: exactly(entry), namespace: "file" }, async ({ path }) => {
        // At its end, so that its lines stay what they are.
        const own = `\nimport * as __bowlineSelf from ${JSON.stringify(entry)}; import { watch as __bowlineWatch } from "bowline:worker-watch"; __bowlineWatch(__bowlineSelf);\n`;
        const loader = extname(path).replace(/^\.[cm]?/, "") as Loader;
        return { contents: (await readFile(path, "utf8")) + own, loader, resolveDir: dirname(path) };
      });
    },
  };
}

function exactly(path: string): RegExp {
  return new RegExp(`^${path.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")}$`);
}

const WATCH = `
const tell = (error) => { console.error(error?.stack ?? String(error)); throw error; };
const watched = (method) => function (...args) {
  try {
    const result = method.apply(this, args);
    return result instanceof Promise ? result.catch(tell) : result;
  } catch (error) {
    tell(error);
  }
};
export const watch = (exported) => {
  for (const [name, one] of Object.entries(exported)) {
    const target = typeof one === "function" ? one.prototype : name === "default" ? one : undefined;
    for (const [key, { value, writable }] of Object.entries(Object.getOwnPropertyDescriptors(target ?? {}))) {
      if (typeof value === "function" && writable && key !== "constructor") target[key] = watched(value);
    }
  }
};`;

/** The SDK for Workers of this very version, whatever the user imports. */
function ownSdk(): string {
  const file = import.meta.url.endsWith(".ts") ? "../resource/workerd.ts" : "./resource-workerd.mjs";
  return fileURLToPath(new URL(file, import.meta.url));
}

/** Packages ask for `fs` where the Workers runtime knows `node:fs` only. */
const unprefixedBuiltins: Plugin = {
  name: "unprefixed-builtins",
  setup({ onResolve }) {
    const names = new Set(builtinModules);
    onResolve({ filter: /^[a-z_]+(\/[a-z_]+)*$/ }, ({ path }) =>
      names.has(path) ? { path: `node:${path}`, external: true } : undefined,
    );
  },
};

const ENDINGS = [".ts", ".mts", ".tsx", ".js", ".mjs", ".jsx"];

function findEntry(root: string, request: BuildRequest): string {
  const { consumer, handler } = request;
  if (typeof handler !== "string" || handler === "") {
    throw new BowlineError("bad-handler", `${consumer}: the handler is ${JSON.stringify(handler)}.`, {
      hint: 'Name the file whose default export is the Worker: "src/worker.ts".',
    });
  }
  const found = ["", ...ENDINGS]
    .filter((ending) => ending !== "" || ENDINGS.some((known) => handler.endsWith(known)))
    .map((ending) => join(root, handler + ending))
    .find((path) => existsSync(path));
  if (found) return found;
  const lambdaLike = /^(.*)\.\w+$/.exec(handler)?.[1];
  const meant = lambdaLike && ENDINGS.find((ending) => existsSync(join(root, lambdaLike + ending)));
  throw new BowlineError("no-handler-file", `${consumer}: there is no file for the handler "${handler}".`, {
    hint: meant
      ? `A Worker's handler is the file itself: "${lambdaLike}${meant}".`
      : `Looked for it in ${root}. A Worker's handler is a file: "src/worker.ts".`,
  });
}

/** A Worker has a default export; so do the classes of its Durable Objects have to be exported. */
function checkExports(request: BuildRequest, file: string, metafile: Metafile): void {
  const exported = Object.values(metafile.outputs).find((output) => output.entryPoint)?.exports ?? [];
  const missing = ["default", ...(request.worker?.classes ?? [])].find((name) => !exported.includes(name));
  if (missing === undefined) return;
  const has = exported.length > 0 ? `It exports ${exported.join(", ")}.` : "It exports nothing.";
  throw new BowlineError(
    "no-handler-export",
    missing === "default"
      ? `${request.consumer}: ${file} has no default export.`
      : `${request.consumer}: ${file} does not export the class "${missing}" of a Durable Object.`,
    {
      hint:
        missing === "default"
          ? `${has} Write: export default { async fetch(request, env) { … } };`
          : `${has} Write: export class ${missing} extends DurableObject { … }`,
    },
  );
}
