import { sortedEntries, type TypedLink, type TypesInput } from "./input.ts";
import { isPythonAttribute, pythonClassName } from "./python-names.ts";
import { dictionaryTypes, pythonString } from "./python-shape.ts";
import { mergeShapes, type ObjectShape } from "./shape.ts";

/** The stubs of the Python SDK, by their paths from the root of the project, where type checkers look for them. */
export function pythonStubs(input: TypesInput): Record<string, string> {
  return { "typings/bowline/__init__.pyi": pythonStub(input), "typings/bowline/testing.pyi": TESTING };
}

const TESTING = `# Written by \`bowline types\`. Changes made here are lost.
from contextlib import AbstractContextManager
from typing import Any, Mapping

def resources(links: Mapping[str, Mapping[str, Any]]) -> AbstractContextManager[None]: ...
`;

const HEADER = `# Written by \`bowline types\`. Changes made here are lost.
from typing import Any, Dict, Iterator, List, Literal, TypedDict, Union, overload

`;

/**
 * The text of the stub that gives `from bowline import Resource` the links of every Python consumer.
 * What a name can be read as (an attribute, an item) is what it can be read as when it runs.
 */
export function pythonStub({ consumers }: TypesInput): string {
  const links: Record<string, ObjectShape> = Object.create(null);
  for (const consumer of consumers.filter(({ runtime }) => runtime.startsWith("python"))) {
    for (const [name, link] of Object.entries(consumer.links)) {
      const before = links[name];
      links[name] = before
        ? (mergeShapes([before, shapeWithType(link)]) as ObjectShape)
        : shapeWithType(link);
    }
  }
  links.App = mergeShapes([APP]) as ObjectShape;
  const entries = sortedEntries(links);
  const classNames = distinctClassNames(entries.map(([name]) => name));
  const types = dictionaryTypes(classNames.values());
  const classes = entries.map(([name, shape]) => {
    const optional = new Set(shape.optional);
    const members = sortedEntries(shape.properties).map(([property, inner]): [string, string] => {
      const annotation = types.annotate(inner, `_${pythonClassName(name)}${pythonClassName(property)}`);
      return [property, optional.has(property) ? `Union[${annotation}, None]` : annotation];
    });
    return viewClass(classNames.get(name) ?? "", members);
  });
  const resource = viewClass(
    "_Resources",
    entries.map(([name]) => [name, classNames.get(name) ?? ""]),
  );
  const body = [...types.definitions, ...classes, resource, "Resource: _Resources\n"].join("\n");
  return HEADER + body + ERRORS;
}

const APP: ObjectShape = {
  kind: "object",
  properties: { name: { kind: "string" }, stage: { kind: "string" } },
};

const ERRORS = `
class Link(Dict[str, Any]):
    def __getattr__(self, name: str) -> Any: ...

class UnreadableLinkError(RuntimeError): ...
`;

function shapeWithType({ shape }: TypedLink): ObjectShape {
  return { ...shape, properties: { ...shape.properties, type: { kind: "string" } } };
}

/** `my-table` and `my_table` are two links, so they are two classes. */
function distinctClassNames(names: readonly string[]): Map<string, string> {
  const taken = new Set(["_Resources"]);
  return new Map(
    names.map((name) => {
      const wanted = `_${pythonClassName(name)}`;
      let free = wanted;
      for (let count = 2; taken.has(free); count++) free = `${wanted}_${count}`;
      taken.add(free);
      return [name, free];
    }),
  );
}

/** A class whose members can be read as items, and as attributes where Python lets them. */
function viewClass(name: string, members: readonly (readonly [string, string])[]): string {
  const attributes = members
    .filter(([member]) => isPythonAttribute(member))
    .map(([member, type]) => `    @property\n    def ${member}(self) -> ${type}: ...\n`);
  const overload = members.length > 1 ? "    @overload\n" : "";
  const items = members.map(
    ([member, type]) =>
      `${overload}    def __getitem__(self, key: Literal[${pythonString(member)}]) -> ${type}: ...\n`,
  );
  return `class ${name}:
${[...attributes, ...items].join("")}    def __contains__(self, key: object) -> bool: ...
    def __iter__(self) -> Iterator[str]: ...
    def __len__(self) -> int: ...
`;
}
