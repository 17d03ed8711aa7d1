/** Property paths as Pulumi's options write them: `a.b[0].c`, `tags["a.b"]`, `rules[*].port`, `*`. */

import type { Properties, PropertyValue } from "../provider.ts";
import { getProperty, isArray, isObject, isSecret, secret, setProperty } from "./wire.ts";

export type Path = readonly (string | number)[];

const WILDCARD = "*";

export function parsePath(text: string): Path {
  const path: (string | number)[] = [];
  const pattern = /\[("(?:[^"\\]|\\.)*")\]|\[(\d+)\]|\[(\*)\]|\.?([^.[\]]+)/gy;
  let end = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    end = pattern.lastIndex;
    const [, quoted, index, star, name] = match;
    if (quoted !== undefined) path.push(String(JSON.parse(quoted)));
    else if (index !== undefined) path.push(Number(index));
    else path.push(star ?? name ?? "");
  }
  if (end !== text.length || path.length === 0)
    throw new Error(`${JSON.stringify(text)} is not a property path`);
  return path;
}

/** Whether the change at `changed` is at, or beneath, what `pattern` names. */
export function covers(pattern: Path, changed: Path): boolean {
  if (pattern.length > changed.length) return false;
  return pattern.every((key, index) => key === WILDCARD || String(key) === String(changed[index]));
}

/** `news` with the value at `path` as it is in `olds`: what `ignoreChanges` asks for. */
export function keepOld(olds: Properties, news: Properties, path: Path): Properties {
  const kept = keep(olds, news, path);
  return isObject(kept) ? kept : news;
}

function keep(
  old: PropertyValue | undefined,
  now: PropertyValue | undefined,
  path: Path,
): PropertyValue | undefined {
  const [key, ...rest] = path;
  if (key === undefined) return old;
  if (isSecret(old)) return keep(old.value, now, path);
  if (isSecret(now)) {
    const inner = keep(old, now.value, path);
    return inner === undefined ? undefined : secret(inner);
  }
  if (isArray(now)) {
    const olds = isArray(old) ? old : [];
    return now.map((element, index) =>
      key === WILDCARD || Number(key) === index ? (keep(olds[index], element, rest) ?? element) : element,
    );
  }
  if (now !== undefined && !isObject(now)) return now;
  const result: Record<string, PropertyValue> = {};
  for (const [name, value] of Object.entries(now ?? {})) setProperty(result, name, value);
  const olds = isObject(old) ? old : {};
  const names = key === WILDCARD ? new Set([...Object.keys(olds), ...Object.keys(result)]) : [String(key)];
  for (const name of names) {
    // A parent that exists on neither side is not invented for the sake of its ignored child.
    if (rest.length > 0 && !Object.hasOwn(olds, name) && !Object.hasOwn(result, name)) continue;
    const kept = keep(getProperty(olds, name), getProperty(result, name), rest);
    if (kept === undefined) delete result[name];
    else setProperty(result, name, kept);
  }
  return result;
}
