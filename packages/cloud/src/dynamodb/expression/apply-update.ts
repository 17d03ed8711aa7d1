/** Applies an update expression: the item before is left as it was. */
import { validation } from "../errors.ts";
import { addNumbers, subtractNumbers } from "../number.ts";
import { type AttributeValue, attribute, type Item, setAttribute, typeOf } from "../value.ts";
import type { Operand, SetValue, Update } from "./ast.ts";
import { type Bindings, boundValue, lookup, type Path, resolvePath } from "./bindings.ts";

const wrongOperand = () => validation("An operand in the update expression has an incorrect data type");
const invalidPath = () =>
  validation("The document path provided in the update expression is invalid for update");

export function applyUpdate(update: Update, old: Item, bindings: Bindings): Item {
  // Every value is computed from the item as it was, whatever the other clauses do.
  const values = update.sets.map(({ value }) => evaluateValue(value, old, bindings));
  const draft = new Draft(old);
  update.sets.forEach(({ path }, index) => {
    draft.set(resolvePath(path, bindings), values[index] as AttributeValue);
  });
  for (const path of update.removes) draft.remove(resolvePath(path, bindings));
  for (const { path, value } of update.adds) {
    const target = resolvePath(path, bindings);
    draft.set(target, sum(draft.get(target), boundValue(value.name, bindings)));
  }
  for (const { path, value } of update.deletes) {
    const target = resolvePath(path, bindings);
    draft.checkParent(target);
    const existing = draft.get(target);
    if (!existing) continue;
    const rest = difference(existing, boundValue(value.name, bindings));
    if (rest) draft.set(target, rest);
    else draft.remove(target);
  }
  return draft.finish();
}

function evaluateValue(node: SetValue, item: Item, bindings: Bindings): AttributeValue {
  switch (node.kind) {
    case "value":
      return boundValue(node.name, bindings);
    case "path": {
      const value = lookup(item, node, bindings);
      if (!value) {
        throw validation("The provided expression refers to an attribute that does not exist in the item");
      }
      return value;
    }
    case "arithmetic": {
      const left = evaluateValue(node.left, item, bindings).N;
      const right = evaluateValue(node.right, item, bindings).N;
      if (left === undefined || right === undefined) throw wrongOperand();
      return { N: node.operator === "+" ? addNumbers(left, right) : subtractNumbers(left, right) };
    }
    case "call": {
      const [first, second] = node.args as [Operand, Operand];
      if (node.name === "if_not_exists") {
        const existing = first.kind === "path" ? lookup(item, first, bindings) : undefined;
        return existing ?? evaluateValue(second, item, bindings);
      }
      const left = evaluateValue(first, item, bindings).L;
      const right = evaluateValue(second, item, bindings).L;
      if (left === undefined || right === undefined) throw wrongOperand();
      return { L: [...left, ...right] };
    }
  }
}

/** ADD: a sum of numbers or a union of sets. */
export function sum(existing: AttributeValue | undefined, value: AttributeValue): AttributeValue {
  if (!existing) return value;
  const type = typeOf(value);
  if (typeOf(existing) !== type) throw wrongOperand();
  if (type === "N") return { N: addNumbers(existing.N ?? "0", value.N ?? "0") };
  if (type !== "SS" && type !== "NS" && type !== "BS") throw wrongOperand();
  return { [type]: [...new Set([...(existing[type] ?? []), ...(value[type] ?? [])])] };
}

/** DELETE: what remains of a set; undefined when nothing does. */
export function difference(existing: AttributeValue, value: AttributeValue): AttributeValue | undefined {
  const type = typeOf(value);
  if (typeOf(existing) !== type || (type !== "SS" && type !== "NS" && type !== "BS")) throw wrongOperand();
  const taken = new Set(value[type]);
  const rest = (existing[type] ?? []).filter((element) => !taken.has(element));
  return rest.length > 0 ? { [type]: rest } : undefined;
}

type Elements = (AttributeValue | undefined)[];

/** A copy of an item that copies a map or a list only when something in it changes. */
class Draft {
  readonly #root: Item;
  readonly #own = new Set<object>();
  /** Lists that may have gaps: indexes keep meaning the list as it was until all clauses are applied. */
  readonly #lists = new Set<Elements>();

  constructor(item: Item) {
    this.#root = { ...item };
  }

  get(path: Path): AttributeValue | undefined {
    let value = attribute(this.#root, String(path[0]));
    for (const part of path.slice(1)) {
      value = typeof part === "number" ? value?.L?.[part] : attribute(value?.M, part);
    }
    return value;
  }

  set(path: Path, value: AttributeValue): void {
    const parent = this.#parent(path);
    const last = path[path.length - 1] as string | number;
    if (Array.isArray(parent)) parent[last as number] = value;
    else setAttribute(parent, String(last), value);
  }

  remove(path: Path): void {
    const parent = this.#parent(path);
    const last = path[path.length - 1] as string | number;
    if (!Array.isArray(parent)) delete parent[last];
    else if ((last as number) < parent.length) parent[last as number] = undefined;
  }

  /** Refuses a path whose next to last part is not there. */
  checkParent(path: Path): void {
    this.#parent(path);
  }

  finish(): Item {
    for (const list of this.#lists) {
      const kept = list.filter((element) => element !== undefined);
      list.length = 0;
      list.push(...kept);
    }
    return this.#root;
  }

  /** The map or list that holds the last part of a path, copied if it is still the old item's. */
  #parent(path: Path): Item | Elements {
    let parent: Item | Elements = this.#root;
    for (let index = 0; index < path.length - 1; index++) {
      const part = path[index] as string | number;
      const value: AttributeValue | undefined = Array.isArray(parent)
        ? parent[part as number]
        : attribute(parent, String(part));
      const nested: AttributeValue = this.#owned(value, typeof path[index + 1] === "number");
      if (nested !== value) {
        if (Array.isArray(parent)) parent[part as number] = nested;
        else setAttribute(parent, String(part), nested);
      }
      parent = (nested.L as Elements | undefined) ?? nested.M ?? {};
    }
    return parent;
  }

  #owned(value: AttributeValue | undefined, wantsList: boolean): AttributeValue {
    if (value && this.#own.has(value) && (wantsList ? value.L : value.M)) return value;
    let copy: AttributeValue;
    if (wantsList && value?.L) {
      const elements = [...value.L];
      this.#lists.add(elements);
      copy = { L: elements };
    } else if (!wantsList && value?.M) {
      copy = { M: { ...value.M } };
    } else {
      throw invalidPath();
    }
    this.#own.add(copy);
    return copy;
  }
}
