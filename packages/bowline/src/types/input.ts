import type { ObjectShape } from "./shape.ts";

/** Who is linked to what, and what each link looks like: everything that generated types say. */
export interface TypesInput {
  readonly consumers: readonly TypedConsumer[];
}

export interface TypedConsumer {
  readonly name: string;
  readonly runtime: string;
  /** The folder of the handler, for what is written beside it. */
  readonly handlerDir: string;
  /** Which typed module a Python handler imports. Default `bowline`. */
  readonly dialect?: "bowline" | "stelvio";
  readonly links: Readonly<Record<string, TypedLink>>;
}

export interface TypedLink {
  /** For example `bowline:aws:Bucket`. */
  readonly type: string;
  readonly shape: ObjectShape;
}

/** Entries in the order of their names, which does not depend on the machine's language. */
export function sortedEntries<T>(record: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}
