import { mkdir, rm, writeFile } from "node:fs/promises";
import { setSourceMapsSupport } from "node:module";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type BuildFailure, build, type Plugin } from "esbuild";
import { BowlineError } from "../error.ts";
import type { Config } from "./define.ts";
import type { Project } from "./project.ts";

/** The user's program and the files it was made from. */
export interface LoadedConfig {
  readonly config: Config;
  readonly sources: readonly string[];
}

/** Bundles the config's own modules (packages stay as they are) and imports the result. */
export async function loadConfig(project: Project): Promise<LoadedConfig> {
  const { code, sources } = await bundle(project);
  const file = join(project.folder, "config", `config.${process.pid}.mjs`);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, code);
  setSourceMapsSupport(true, { nodeModules: false, generatedCode: false });
  try {
    const module = (await import(pathToFileURL(file).href)) as { default?: unknown };
    return { config: checkConfig(project, module.default), sources };
  } finally {
    await rm(file, { force: true });
  }
}

async function bundle(project: Project): Promise<{ code: Uint8Array; sources: string[] }> {
  try {
    const result = await build({
      absWorkingDir: project.root,
      entryPoints: [project.configFile],
      bundle: true,
      write: false,
      metafile: true,
      platform: "node",
      target: "node22",
      format: "esm",
      // A stack trace names the user's own file and line.
      sourcemap: "inline",
      sourceRoot: `${pathToFileURL(project.root).href}/`,
      outfile: join(project.root, "bowline.config.mjs"),
      plugins: [packagesStayOutside],
      logLevel: "silent",
    });
    const [output] = result.outputFiles;
    if (!output) throw new Error("esbuild wrote nothing");
    return {
      code: output.contents,
      sources: Object.keys(result.metafile.inputs).map((path) => resolve(project.root, path)),
    };
  } catch (cause) {
    throw configError(project, cause);
  }
}

/** One copy of each package in the process, ours included: Pulumi's classes are compared by identity. */
const packagesStayOutside: Plugin = {
  name: "packages-stay-outside",
  setup({ onResolve }) {
    onResolve({ filter: /^bowline\/config$/ }, () => ({ path: ownConfigModule(), external: true }));
    onResolve({ filter: /^[^./]/ }, ({ path }) => (isAbsolute(path) ? undefined : { path, external: true }));
  },
};

/** The module this very process uses as `bowline/config`. */
function ownConfigModule(): string {
  return import.meta.resolve("bowline/config");
}

function checkConfig(project: Project, config: unknown): Config {
  const candidate = config as Partial<Config> | undefined;
  if (typeof candidate?.app === "function" && typeof candidate.run === "function") return candidate as Config;
  throw new BowlineError(
    "bad-config",
    `${relative(project.root, project.configFile)} does not export a config.`,
    {
      hint: 'Write: export default defineConfig({ app: () => ({ name: "shop" }), run() { … } });',
    },
  );
}

function configError(project: Project, cause: unknown): unknown {
  const errors = (cause as Partial<BuildFailure>).errors ?? [];
  if (errors.length === 0) return cause;
  const lines = errors.slice(0, 5).map(({ text, location }) => {
    if (!location) return text;
    const file = relative(project.root, resolve(project.root, location.file));
    return `${file}:${location.line}:${location.column + 1}: ${text}\n    ${location.lineText.trim()}`;
  });
  return new BowlineError(
    "bad-config",
    `The config has ${lines.length === 1 ? "an error" : "errors"}:\n${lines.join("\n")}`,
  );
}
