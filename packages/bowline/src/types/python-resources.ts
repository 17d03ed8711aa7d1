import { sortedEntries, type TypedConsumer, type TypedLink } from "./input.ts";
import { checkDistinct, pythonAttribute, pythonClassName } from "./python-names.ts";
import { type DictionaryTypes, dictionaryTypes, pythonString } from "./python-shape.ts";
import { mergeShapes, type Shape } from "./shape.ts";
import { stelvioAttribute, stelvioVariable } from "./stelvio.ts";

/** Who reads the file: `bowline` for `bowline_resources.py`, `stelvio` for `stlv_resources.py`. */
export type PythonDialect = "bowline" | "stelvio";

/** What the file is called, and so what a handler imports. */
export function pythonResourcesFile(dialect: PythonDialect): string {
  return dialect === "stelvio" ? "stlv_resources.py" : "bowline_resources.py";
}

/**
 * The text of the Python module that gives one consumer its links: a frozen dataclass each, with a
 * cached property for each value. The same links always give the same bytes.
 */
export function pythonResources(
  consumer: Pick<TypedConsumer, "name" | "links">,
  dialect: PythonDialect,
): string {
  const links = sortedEntries(consumer.links);
  checkDistinct(
    consumer.name,
    links.map(([name]) => name),
    pythonAttribute,
  );
  const classes = links.map(([name]) => `${pythonClassName(name)}Resource`);
  const types = dictionaryTypes([...classes, "LinkedResources", "Resources"]);
  const bodies = links.map(([name, link]) => linkClass(name, link, dialect, types));
  const fields = links.map(
    ([name], index) => `    ${pythonAttribute(name)}: Final[${classes[index]}] = ${classes[index]}()\n`,
  );
  return [
    header(dialect, types, links.length === 0),
    ...types.definitions,
    ...(dialect === "stelvio" && links.length > 0 ? [READ] : []),
    ...bodies,
    `@dataclass(frozen=True)\nclass LinkedResources:\n${fields.join("") || "    pass\n"}`,
    "Resources: Final = LinkedResources()\n",
  ].join("\n\n");
}

/** Secret values are in no variable of their own, so what is not there is asked of the link itself. */
const READ = `def _read(variable: str, parse: bool, otherwise: Callable[[], Any]) -> Any:
    text = os.environ.get(variable)
    if text is None:
        return otherwise()
    return json.loads(text) if parse else text
`;

function header(dialect: PythonDialect, types: DictionaryTypes, isEmpty: boolean): string {
  const reads = dialect === "stelvio" && !isEmpty;
  const typing = [...new Set(["Final", ...(reads ? ["Any", "Callable"] : []), ...types.imports])].sort();
  return `# Written by Bowline from the links of this function. Changes made here are lost.
from __future__ import annotations

${reads ? "import json\nimport os\n" : ""}from dataclasses import dataclass
${isEmpty ? "" : "from functools import cached_property\n"}from typing import ${typing.join(", ")}
${isEmpty ? "" : "\nfrom bowline import Resource\n"}`;
}

function linkClass(name: string, link: TypedLink, dialect: PythonDialect, types: DictionaryTypes): string {
  const attribute = (property: string) => stelvioAttribute(link.type, property);
  const properties = sortedEntries(link.shape.properties).filter(([property]) => property !== "type");
  checkDistinct(
    `The link ${name}`,
    properties.map(([property]) => property),
    attribute,
  );
  const optional = new Set(link.shape.optional);
  const methods = properties.map(([property, shape]) => {
    const annotation = types.annotate(
      optional.has(property) ? orNone(shape) : shape,
      `${pythonClassName(name)}${pythonClassName(property)}`,
    );
    return `    @cached_property
    def ${attribute(property)}(self) -> ${annotation}:
        return ${read(name, link, property, shape, dialect, optional.has(property))}
`;
  });
  return `@dataclass(frozen=True)\nclass ${pythonClassName(name)}Resource:\n${methods.join("\n") || "    pass\n"}`;
}

/** A value that may be absent is read as `None` then. */
const orNone = (shape: Shape): Shape => mergeShapes([shape, { kind: "null" }]);

function read(
  name: string,
  link: TypedLink,
  property: string,
  shape: Shape,
  dialect: PythonDialect,
  optional: boolean,
): string {
  const [owner, key] = [pythonString(name), pythonString(property)];
  if (optional) return `Resource[${owner}].get(${key})`;
  if (dialect === "bowline") return `Resource[${owner}][${key}]`;
  const variable = pythonString(stelvioVariable(name, link.type, property));
  return `_read(${variable}, ${shape.kind === "string" ? "False" : "True"}, lambda: Resource[${owner}][${key}])`;
}
