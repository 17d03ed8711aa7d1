import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

/** Whether a module, or one of the app's own that it imports, has the word. */
export function speaksOfHome(file: string, seen = new Set<string>()): boolean {
  if (seen.has(file)) return false;
  seen.add(file);
  const text = readFileSync(file, "utf8");
  if (/\bhome\b/.test(text)) return true;
  return [...text.matchAll(/["'](\.{1,2}\/[^"'\n]*)["']/g)].some(([, path = ""]) => {
    const module = moduleAt(join(dirname(file), path));
    return module !== undefined && speaksOfHome(module, seen);
  });
}

const ENDINGS = ["", ".ts", ".mts", ".js", ".mjs", ".json", "/index.ts", "/index.js"];

function moduleAt(path: string): string | undefined {
  return ENDINGS.map((ending) => path + ending).find(
    (candidate) => existsSync(candidate) && statSync(candidate).isFile(),
  );
}
