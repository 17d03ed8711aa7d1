/** Which inputs differ. */
import type { Properties, PropertyValue } from "@bowline/engine";

/** Paths of what changed, for people: `environment.variables.TABLE`. */
export function changedPaths(before: Properties, after: Properties): string[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].sort().flatMap((key) => pathsBetween(key, before[key], after[key]));
}

/** The input a path begins with. */
export function rootOf(path: string): string {
  return path.split(/[.[]/, 1)[0] ?? path;
}

function pathsBetween(
  path: string,
  before: PropertyValue | undefined,
  after: PropertyValue | undefined,
): string[] {
  if (isNothing(before) && isNothing(after)) return [];
  // An archive is what it holds, not where it lies.
  const hashes = [hashOf(before), hashOf(after)];
  if (hashes[0] !== undefined && hashes[1] !== undefined) return hashes[0] === hashes[1] ? [] : [path];
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    return before.flatMap((item, index) => pathsBetween(`${path}[${index}]`, item, after[index]));
  }
  if (isRecord(before) && isRecord(after)) {
    return changedPaths(before, after).map((inner) => `${path}.${inner}`);
  }
  return before === after ? [] : [path];
}

function isNothing(value: PropertyValue | undefined): boolean {
  return value === undefined || value === null;
}

function isRecord(value: PropertyValue | undefined): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function hashOf(value: PropertyValue | undefined): string | undefined {
  return isRecord(value) && typeof value.hash === "string" ? value.hash : undefined;
}
