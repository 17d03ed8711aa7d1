import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Bowline's Python package as files of an artifact: `from bowline import Resource` works without installing anything. */
export async function pythonSdk(): Promise<Record<string, string>> {
  const folder = sdkFolder();
  const names = await readdir(folder, { recursive: true });
  const wanted = names.filter((name) => /\.py$|py\.typed$/.test(name)).sort();
  return Object.fromEntries(
    wanted.map((name) => [`bowline/${name.replaceAll("\\", "/")}`, join(folder, name)]),
  );
}

/** Beside the built package, or in the workspace when Bowline runs from source. */
export function sdkFolder(): string {
  const built = fileURLToPath(new URL("./python/bowline", import.meta.url));
  return existsSync(built) ? built : fileURLToPath(new URL("../../../python/src/bowline", import.meta.url));
}
