import { sortedEntries } from "./input.ts";
import { pythonClassName } from "./python-names.ts";
import type { ObjectShape, Shape } from "./shape.ts";

/** Names for the dictionaries inside links, and their definitions as they are needed. */
export interface DictionaryTypes {
  /** The Python type of a shape, for an annotation. `name` is what a dictionary found in it is called. */
  annotate(shape: Shape, name: string): string;
  readonly definitions: readonly string[];
  /** What the annotations so far need from `typing`. */
  readonly imports: ReadonlySet<string>;
}

/** Nested objects become `TypedDict`s in the form that takes any key. */
export function dictionaryTypes(reserved: Iterable<string> = []): DictionaryTypes {
  const taken = new Set(reserved);
  const definitions: string[] = [];
  const imports = new Set<string>();
  const using = (name: string): string => {
    imports.add(name);
    return name;
  };

  const define = (shape: ObjectShape, wanted: string): string => {
    let name = wanted;
    for (let count = 2; taken.has(name); count++) name = `${wanted}${count}`;
    taken.add(name);
    const fields = sortedEntries(shape.properties).map(
      ([key, inner]) =>
        `    ${pythonString(key)}: ${pythonString(annotate(inner, name + pythonClassName(key)))},\n`,
    );
    const total = shape.optional?.length ? ", total=False" : "";
    definitions.push(
      `${name} = ${using("TypedDict")}(${pythonString(name)}, {\n${fields.join("")}}${total})\n`,
    );
    return name;
  };

  const annotate = (shape: Shape, name: string): string => {
    switch (shape.kind) {
      case "string":
        return "str";
      case "number":
        return "float";
      case "boolean":
        return "bool";
      case "null":
        return "None";
      case "unknown":
        return using("Any");
      case "array":
        return `${using("List")}[${annotate(shape.items, `${name}Item`)}]`;
      case "object":
        return Object.keys(shape.properties).length === 0
          ? `${using("Dict")}[str, ${using("Any")}]`
          : define(shape, name);
      case "union":
        return `${using("Union")}[${shape.members.map((member) => annotate(member, name)).join(", ")}]`;
    }
  };
  return { annotate, definitions, imports };
}

/** A Python literal. JSON's escapes are Python's, but for pairs of surrogates. */
export function pythonString(text: string): string {
  return JSON.stringify(text).replace(
    /[^\u0020-\u007e]/gu,
    (letter) => `\\U${(letter.codePointAt(0) ?? 0).toString(16).padStart(8, "0")}`,
  );
}
