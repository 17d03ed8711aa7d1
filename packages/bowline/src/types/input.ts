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
  /** Of a Worker: what its `env` holds besides its links. */
  readonly env?: Readonly<Record<string, TypedBinding>>;
}

export interface TypedLink {
  /** For example `bowline:aws:Bucket`. */
  readonly type: string;
  readonly shape: ObjectShape;
  /** In a Worker: the binding it is, and those it has, by the name of the property. */
  readonly binding?: TypedBinding;
  readonly parts?: Readonly<Record<string, TypedBinding>>;
}

/** What a binding of a Worker is in TypeScript. */
export interface TypedBinding {
  /** A type of `@cloudflare/workers-types`, or `string`. */
  readonly typescript: string;
  /** The class or handler behind it: what a module of the app exports. */
  readonly of?: { readonly module: string; readonly name: string };
}

/** Entries in the order of their names, which does not depend on the machine's language. */
export function sortedEntries<T>(record: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}
