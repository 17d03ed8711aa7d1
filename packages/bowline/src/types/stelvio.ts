import { pythonAttribute } from "./python-names.ts";

/** What Stelvio puts before the properties of its own components. */
const KINDS: Readonly<Record<string, string>> = {
  Bucket: "bucket",
  Dynamo: "table",
  Function: "function",
  Queue: "queue",
  SnsTopic: "topic",
};

/** What those components' links have of themselves; what users add to a link keeps its name. */
const OWN = new Set(["name", "arn", "url"]);

/** The attribute Stelvio knows a property by: `name` of a table is `table_name`. */
export function stelvioAttribute(type: string, property: string): string {
  const kind = OWN.has(property) ? KINDS[type.split(/[.:]/).at(-1) ?? ""] : undefined;
  return pythonAttribute(kind === undefined ? property : `${kind}_${property}`);
}

/** The variable a Stelvio handler finds a property in: `STLV_TODOS_TABLE_NAME`. */
export function stelvioVariable(link: string, type: string, property: string): string {
  const attribute = stelvioAttribute(type, property).replace(/_$/, "");
  return `STLV_${link.replace(/[^A-Za-z0-9]/g, "_")}_${attribute}`.toUpperCase();
}

/** Every variable of a link, with its value as Stelvio writes it: a text as it is, anything else as JSON. */
export function stelvioEnvironment(
  link: string,
  type: string,
  properties: Readonly<Record<string, unknown>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(properties)
      .filter(([property]) => property !== "type")
      .map(([property, value]) => [
        stelvioVariable(link, type, property),
        typeof value === "string" ? value : JSON.stringify(value),
      ]),
  );
}
