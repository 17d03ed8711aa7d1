import type { Consumer } from "../deploy/manifest.ts";
import { type AccessProfile, type ProfiledType, profiles } from "../link/access.ts";
import type { ResolvedLink } from "../link/resolve.ts";
import { OWN } from "../link/words.ts";

/** Where a permission comes from: a link, or the consumer's own `permissions`. */
export type Source = Pick<ResolvedLink, "name" | "type" | "origin" | "statements" | "value">;

/** The links of a consumer, and its own permissions as if they were one. */
export function sourcesOf(consumer: Consumer): Source[] {
  const own = { name: OWN, type: "", origin: OWN, statements: consumer.permissions, value: {} };
  return [...consumer.links, ...(consumer.permissions.length > 0 ? [own] : [])];
}

/** `read, write`; `full`; `exact actions`; `values` for a link that grants nothing. */
export function accessOf({ origin, type, statements }: Omit<Source, "name" | "value">): string {
  if (origin === OWN) return "its own";
  if (statements.length === 0) return "values";
  const parts = origin.split(" and ").flatMap((part) => {
    if (part === "the default link") return profileOf(type)?.default ?? ["default"];
    const called = /^link\((.*)\)$/.exec(part)?.[1];
    if (called !== undefined)
      return called.split(", ").map((one) => (one.startsWith('"') ? one.slice(1, -1) : "exact actions"));
    return [part === 'access "full"' ? "full" : part];
  });
  return [...new Set(parts)].join(", ");
}

/** The access levels of a type of link, where it has any. */
export function profileOf(type: string): AccessProfile | undefined {
  return profiles[type as ProfiledType];
}

/** A link's name as the variable of a config: `order-queue` → `order_queue`, `Orders` → `orders`. */
export function variableName(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1).replaceAll("-", "_");
}
