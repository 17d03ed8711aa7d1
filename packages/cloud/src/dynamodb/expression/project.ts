/** Cuts out of an item what a projection names. */
import { type AttributeValue, attribute, type Item, setAttribute } from "../value.ts";
import type { Path } from "./bindings.ts";

type Branch = Map<string | number, Branch>;

export function project(item: Item, paths: readonly Path[]): Item {
  const root: Branch = new Map();
  for (const path of paths) {
    let branch = root;
    for (const part of path) {
      let next = branch.get(part);
      if (!next) {
        next = new Map();
        branch.set(part, next);
      }
      branch = next;
    }
  }
  return pickMembers(item, root);
}

function pickMembers(members: Item, branch: Branch): Item {
  const result: Item = {};
  for (const [name, rest] of branch) {
    const value = typeof name === "string" ? attribute(members, name) : undefined;
    const picked = value && pick(value, rest);
    if (picked) setAttribute(result, String(name), picked);
  }
  return result;
}

/** What lies deeper; a list keeps the order of its elements and closes the gaps. */
function pick(value: AttributeValue, branch: Branch): AttributeValue | undefined {
  if (branch.size === 0) return value;
  if (value.M !== undefined) {
    const members = pickMembers(value.M, branch);
    return Object.keys(members).length > 0 ? { M: members } : undefined;
  }
  const list = value.L;
  if (list === undefined) return undefined;
  const elements = [...branch]
    .filter((entry): entry is [number, Branch] => typeof entry[0] === "number")
    .sort(([a], [b]) => a - b)
    .map(([index, rest]) => {
      const element = list[index];
      return element && pick(element, rest);
    })
    .filter((element) => element !== undefined);
  return elements.length > 0 ? { L: elements } : undefined;
}
