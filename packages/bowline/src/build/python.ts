import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { BowlineError } from "../error.ts";
import { type Artifact, type BuildApp, splitHandler, storeFiles } from "./artifact.ts";
import { findPython } from "./python-interpreter.ts";
import { ensureBoto3, installRequirements } from "./python-packages.ts";
import { pythonSdk } from "./python-sdk.ts";
import type { BuildRequest } from "./request.ts";

const SKIPPED = new Set(["__pycache__", "node_modules", "venv", "tests"]);

/** Collects a Python handler's sources, its requirements and Bowline's own SDK. */
export async function buildPython(app: BuildApp, request: BuildRequest): Promise<Artifact> {
  const { module, name } = splitHandler(request.consumer, request.handler);
  const source = resolve(app.root, `${module}.py`);
  if (!existsSync(source)) {
    throw new BowlineError(
      "no-handler-file",
      `${request.consumer}: there is no file for the handler "${request.handler}".`,
      { hint: `Looked for ${module}.py in ${app.root}.` },
    );
  }
  const interpreter = app.home === "local" ? await findPython(request.consumer, request.runtime) : undefined;
  const deploys = app.purpose === "deploy";
  if (interpreter && deploys) await ensureBoto3(interpreter, app.progress);
  const project = projectFolder(app.root, source);
  const base = project ?? app.root;
  const sources = await listFiles(project ?? dirname(source));
  const requirements = project && deploys ? await readRequirements(project) : undefined;
  const packages = requirements ? await installRequirements(app, requirements, interpreter) : {};
  const own = new Map<string, Uint8Array>();
  for (const file of sources) own.set(relative(base, file).split(sep).join("/"), await readFile(file));
  return {
    handler: `${relative(base, source).split(sep).join("/").slice(0, -".py".length)}.${name}`,
    files: { ...(await pythonSdk()), ...packages, ...(await storeFiles(app.artifacts, own)) },
    sources,
    modules: [...own]
      .filter(([path]) => path.endsWith(".py"))
      .map(([path, content]) => ({
        path,
        text: Buffer.from(content).toString("utf8"),
        entry: resolve(base, path) === source,
      })),
  };
}

/** The nearest folder, from the handler's up to the app's, that says which packages it needs. */
function projectFolder(root: string, source: string): string | undefined {
  for (let folder = dirname(source); folder.startsWith(root); folder = dirname(folder)) {
    if (existsSync(join(folder, "requirements.txt"))) return folder;
    if (folder === root) break;
  }
  return undefined;
}

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const nested = await Promise.all(
    entries
      .filter((entry) => !entry.name.startsWith(".") && !SKIPPED.has(entry.name))
      .map(async (entry) => {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) return listFiles(path);
        return entry.isFile() && !/\.(ts|tsx|mts|js|mjs|pyc)$/.test(entry.name) ? [path] : [];
      }),
  );
  return nested.flat().sort();
}

async function readRequirements(project: string): Promise<{ text: string; hash: string } | undefined> {
  const text = await readFile(join(project, "requirements.txt"), "utf8");
  const meaningful = text.split("\n").some((line) => line.trim() !== "" && !line.trim().startsWith("#"));
  return meaningful
    ? { text, hash: createHash("sha256").update(text).digest("hex").slice(0, 32) }
    : undefined;
}
