/** What a request says its placeholders mean, and reading paths and values with it. */
import { type AttributeValue, attribute, type Item } from "../value.ts";
import type { PathNode, PathPart } from "./ast.ts";

export interface Bindings {
  /** By `#placeholder`. */
  readonly names: Readonly<Record<string, string>>;
  /** By `:placeholder`. */
  readonly values: Readonly<Record<string, AttributeValue>>;
}

export type Path = readonly (string | number)[];

const hash = 35;

function resolvePart(part: PathPart, bindings: Bindings): string | number {
  return typeof part === "string" && part.charCodeAt(0) === hash ? (bindings.names[part] ?? part) : part;
}

export function resolvePath(node: PathNode, bindings: Bindings): Path {
  return node.parts.map((part) => resolvePart(part, bindings));
}

/** The name of the top-level attribute a path begins with. */
export function headOf(node: PathNode, bindings: Bindings): string {
  return String(resolvePart(node.parts[0] ?? "", bindings));
}

export function boundValue(name: string, bindings: Bindings): AttributeValue {
  const value = bindings.values[name];
  if (!value) throw new Error(`The placeholder ${name} got past the check of its expression.`);
  return value;
}

/** What an item has at a path. */
export function lookup(
  item: Item | undefined,
  node: PathNode,
  bindings: Bindings,
): AttributeValue | undefined {
  const { parts } = node;
  let value = attribute(item, headOf(node, bindings));
  for (let index = 1; index < parts.length && value !== undefined; index++) {
    const part = resolvePart(parts[index] ?? "", bindings);
    value = typeof part === "number" ? value.L?.[part] : attribute(value.M, part);
  }
  return value;
}

/** A path as AWS's messages show it. */
export function showPath(path: Path): string {
  return `[${path.map((part) => (typeof part === "number" ? `[${part}]` : part)).join(", ")}]`;
}
