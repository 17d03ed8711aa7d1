import { relative, resolve } from "node:path";
import type { BuildFailure } from "esbuild";
import { BowlineError } from "../error.ts";
import type { BuildRequest } from "./request.ts";

/** What esbuild found wrong, with the user's own files and lines. */
export function bundleError(app: { readonly root: string }, request: BuildRequest, cause: unknown): unknown {
  const errors = (cause as Partial<BuildFailure>).errors ?? [];
  if (errors.length === 0) return cause;
  const lines = errors.slice(0, 5).map(({ text, location }) => {
    const at = location
      ? `${relative(app.root, resolve(app.root, location.file))}:${location.line}:${location.column + 1}: `
      : "";
    return `${at}${text}`;
  });
  const missing = /Could not resolve "([^"./][^"]*)"/.exec(lines[0] ?? "")?.[1];
  return new BowlineError("build-failed", `${request.consumer}: ${lines.join("\n")}`, {
    hint: missing ? `Install it: npm install ${packageOf(missing)}` : undefined,
  });
}

function packageOf(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}
