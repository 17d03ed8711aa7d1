/** Comparing property values: equality, and the paths at which two sets of properties differ. */

import type { Properties, PropertyValue } from "../provider.ts";
import { ARCHIVE, ASSET, getProperty, isArray, isObject, isSecret, SIGNATURE } from "./wire.ts";

/** Equal in meaning: secretness does not count, nor an absent value against null; assets compare by their hash. */
export function equal(a: PropertyValue | undefined, b: PropertyValue | undefined): boolean {
  if (a === b) return true;
  if (isSecret(a)) return equal(a.value, isSecret(b) ? b.value : b);
  if (isSecret(b)) return equal(a, b.value);
  if (isArray(a)) {
    return isArray(b) && a.length === b.length && a.every((element, index) => equal(element, b[index]));
  }
  if (isObject(a) && isObject(b)) {
    const signature = a[SIGNATURE];
    if ((signature === ASSET || signature === ARCHIVE) && signature === b[SIGNATURE]) {
      return a.hash === b.hash;
    }
    for (const key of Object.keys(a)) if (!equal(a[key], getProperty(b, key))) return false;
    for (const key of Object.keys(b)) if (!Object.hasOwn(a, key) && !equal(undefined, b[key])) return false;
    return true;
  }
  return (a ?? null) === (b ?? null);
}

/** The paths at which two sets of properties differ, as people read them: `environment.variables.TABLE`, `rules[2]`. */
export function changedPaths(olds: Properties, news: Properties): string[] {
  const paths: string[] = [];
  walk(olds, news, "", paths);
  return paths;
}

function walk(
  a: PropertyValue | undefined,
  b: PropertyValue | undefined,
  path: string,
  paths: string[],
): void {
  if (equal(a, b)) return;
  if (isSecret(a) || isSecret(b)) {
    walk(isSecret(a) ? a.value : a, isSecret(b) ? b.value : b, path, paths);
    return;
  }
  if (isObject(a) && isObject(b) && !(SIGNATURE in a) && !(SIGNATURE in b)) {
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
      walk(getProperty(a, key), getProperty(b, key), joinPath(path, key), paths);
    }
    return;
  }
  if (isArray(a) && isArray(b)) {
    for (let index = 0; index < Math.max(a.length, b.length); index++) {
      walk(a[index], b[index], `${path}[${index}]`, paths);
    }
    return;
  }
  paths.push(path);
}

function joinPath(path: string, key: string): string {
  if (!/^[A-Za-z_$][\w$-]*$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}
