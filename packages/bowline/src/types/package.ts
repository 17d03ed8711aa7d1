import { existsSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

/**
 * The folder, from the app's, of the package that a handler's folder is in: the nearest above it with a `package.json`.
 * Empty for the app itself, and for what is in no package but one around the app.
 */
export function packageFolder(root: string, handlerDir: string): string {
  for (let folder = resolve(root, handlerDir); ; folder = dirname(folder)) {
    const isAround = `${root}/`.startsWith(folder === "/" ? "/" : `${folder}/`);
    if (isAround) return "";
    if (existsSync(join(folder, "package.json"))) return relative(root, folder);
  }
}
