import { SourceMap } from "node:module";
import { extname } from "node:path";
import { type Node, parse } from "acorn";
import { type Loader, transform } from "esbuild";
import type { Place, SourceModule } from "./reads.ts";

/** A node of which only what all have in common is known; its fields are looked at one by one. */
export type Syntax = Node & { readonly [field: string]: unknown };

/** A module's syntax tree, in plain JavaScript, and the way back to the user's text. */
export interface ParsedModule {
  readonly path: string;
  readonly program: Syntax;
  readonly imports: Readonly<Record<string, string>>;
  place(node: Syntax): Place;
  code(node: Syntax): string;
}

const LOADERS: Readonly<Record<string, Loader>> = {
  ".ts": "ts",
  ".mts": "ts",
  ".cts": "ts",
  ".tsx": "tsx",
  ".js": "jsx",
  ".mjs": "jsx",
  ".cjs": "jsx",
  ".jsx": "jsx",
};

/** Whether a file is one this check can read. */
export function isScript(path: string): boolean {
  return extname(path) in LOADERS;
}

/** esbuild takes types and JSX away, acorn parses what is left. */
export async function parseModule({ path, text, imports = {} }: SourceModule): Promise<ParsedModule> {
  const { code, map } = await transform(text, {
    loader: LOADERS[extname(path)] ?? "ts",
    sourcefile: path,
    sourcemap: "external",
    sourcesContent: false,
    target: "esnext",
    jsx: "automatic",
    logLevel: "silent",
  });
  const program = parse(code, {
    ecmaVersion: "latest",
    sourceType: "module",
    locations: true,
    allowReturnOutsideFunction: true,
    allowAwaitOutsideFunction: true,
  });
  const sourceMap = new SourceMap(JSON.parse(map));
  return {
    path,
    program: program as unknown as Syntax,
    imports,
    place(node) {
      const { line, column } = node.loc?.start ?? { line: 1, column: 0 };
      const entry = sourceMap.findEntry(line - 1, column);
      if (!("originalLine" in entry)) return { file: path, line, column: column + 1 };
      return { file: path, line: entry.originalLine + 1, column: entry.originalColumn + 1 };
    },
    code: (node) => code.slice(node.start, node.end),
  };
}

/** Whether a value found in a field is a node. */
export function isSyntax(value: unknown): value is Syntax {
  return (
    typeof value === "object" && value !== null && typeof (value as { type?: unknown }).type === "string"
  );
}

/** The node in a field, if there is one. */
export function child(node: Syntax, field: string): Syntax | undefined {
  const value = node[field];
  return isSyntax(value) ? value : undefined;
}

/** The nodes in a field that holds a list; holes are left out. */
export function children(node: Syntax, field: string): Syntax[] {
  const value = node[field];
  return Array.isArray(value) ? value.filter(isSyntax) : [];
}

/** The nodes directly below, with the field each is in. */
export function below(node: Syntax): [field: string, node: Syntax][] {
  const found: [string, Syntax][] = [];
  for (const field in node) {
    const value = node[field];
    if (typeof value !== "object" || field === "loc") continue;
    if (Array.isArray(value)) for (const one of value) if (isSyntax(one)) found.push([field, one]);
    if (isSyntax(value)) found.push([field, value]);
  }
  return found;
}

/** The text of a string literal, or of a template that holds nothing but text. */
export function literalText(node: Syntax | undefined): string | undefined {
  if (node?.type === "Literal" && typeof node.value === "string") return node.value;
  if (node?.type !== "TemplateLiteral" || children(node, "expressions").length > 0) return undefined;
  const value = children(node, "quasis")[0]?.value as { cooked?: unknown } | undefined;
  return typeof value?.cooked === "string" ? value.cooked : undefined;
}

/** The name of an identifier. */
export function identifierName(node: Syntax | undefined): string | undefined {
  return node?.type === "Identifier" && typeof node.name === "string" ? node.name : undefined;
}
