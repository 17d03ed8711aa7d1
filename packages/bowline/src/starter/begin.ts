/** Begins an app in a folder: adds what is missing, and changes nothing that is there but `package.json`'s lists. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { BowlineError } from "../error.ts";
import { STARTER_TSCONFIG, type StarterLanguage, starterFiles } from "./files.ts";

export interface Beginning {
  /** Paths in the folder, in the order they were written. */
  readonly written: readonly string[];
  /** Whether packages are to be installed. */
  readonly needsInstall: boolean;
}

export interface Versions {
  readonly bowline: string;
  readonly pulumi: string;
}

interface Manifest {
  [field: string]: unknown;
  scripts?: Record<string, string>;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

export function beginApp(folder: string, language: StarterLanguage, versions: Versions): Beginning {
  const config = join(folder, "bowline.config.ts");
  if (existsSync(config)) {
    throw new BowlineError("already-begun", `There is an app already: ${config}`, {
      hint: "Start it: bowline dev",
    });
  }
  // Read first: a file that cannot be read must not leave half an app behind.
  const before = readManifest(join(folder, "package.json"));
  const manifest = completeManifest(before, appName(folder), language, versions);
  const ignored = completeIgnore(join(folder, ".gitignore"));
  const files: Record<string, string> = {
    ...starterFiles(appName(folder), language),
    "tsconfig.json": STARTER_TSCONFIG,
  };
  const written = Object.keys(files).filter((path) => !existsSync(join(folder, path)));
  for (const path of written) writeFile(join(folder, path), files[path] ?? "");
  if (manifest !== undefined) {
    writeFile(join(folder, "package.json"), manifest);
    written.push("package.json");
  }
  if (ignored !== undefined) {
    writeFile(join(folder, ".gitignore"), ignored);
    written.push(".gitignore");
  }
  return { written, needsInstall: manifest !== undefined };
}

/** An app's name: the folder's, as far as a name may have it. */
function appName(folder: string): string {
  const name = basename(folder)
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, "-")
    .replaceAll(/^[^a-z]+|-+$/g, "")
    .slice(0, 30);
  return name === "" ? "app" : name;
}

function readManifest(file: string): Manifest | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Manifest;
  } catch (cause) {
    throw new BowlineError("bad-manifest", `${file} is not JSON: ${(cause as Error).message}`, {
      hint: "Mend it, then run bowline init again. Nothing was written.",
      cause,
    });
  }
}

/** The text of `package.json` with what an app needs; `undefined` where it has all of it. */
function completeManifest(
  before: Manifest | undefined,
  name: string,
  language: StarterLanguage,
  versions: Versions,
): string | undefined {
  const needs: Record<string, string> = {
    ...(language === "typescript" ? { "@aws-sdk/client-dynamodb": "^3.1100.0" } : {}),
    "@pulumi/pulumi": versions.pulumi,
    bowline: versions.bowline,
  };
  const has = { ...before?.dependencies, ...before?.devDependencies };
  const missing = Object.entries(needs).filter(([dependency]) => has[dependency] === undefined);
  if (before !== undefined && missing.length === 0) return undefined;
  const manifest: Manifest = before ?? {
    name,
    private: true,
    type: "module",
    scripts: { dev: "bowline dev" },
  };
  manifest.dependencies = Object.fromEntries(
    [...Object.entries(manifest.dependencies ?? {}), ...missing].sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

function completeIgnore(file: string): string | undefined {
  const before = existsSync(file) ? readFileSync(file, "utf8") : "";
  const lines = new Set(before.split(/\r?\n/).map((line) => line.trim().replaceAll(/^\/|\/$/g, "")));
  const missing = [".bowline/", "node_modules/"].filter((entry) => !lines.has(entry.slice(0, -1)));
  if (missing.length === 0) return undefined;
  const gap = before === "" || before.endsWith("\n") ? "" : "\n";
  return `${before}${gap}${missing.join("\n")}\n`;
}

function writeFile(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
