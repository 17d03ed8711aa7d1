/** What a value looks like, without the value: all that types are made from. */
export type Shape =
  | { readonly kind: "string" | "number" | "boolean" | "null" | "unknown" }
  | { readonly kind: "array"; readonly items: Shape }
  | ObjectShape
  | { readonly kind: "union"; readonly members: readonly Shape[] };

/** An object's properties; those in `optional` may be absent. */
export interface ObjectShape {
  readonly kind: "object";
  readonly properties: Readonly<Record<string, Shape>>;
  readonly optional?: readonly string[];
}

/** The shape of a JSON value. What is not known yet (`undefined`, an unresolved output) is `unknown`. */
export function shapeOf(value: unknown): Shape {
  if (value === null) return { kind: "null" };
  if (Array.isArray(value)) return { kind: "array", items: mergeShapes(value.map(shapeOf)) };
  switch (typeof value) {
    case "string":
    case "number":
    case "boolean":
      return { kind: typeof value as "string" | "number" | "boolean" };
    case "object":
      return objectShapeOf(value as object);
    default:
      return { kind: "unknown" };
  }
}

/** The shape of an object; a property that is `undefined` is of unknown type. */
export function objectShapeOf(value: object): ObjectShape {
  return {
    kind: "object",
    properties: record(Object.entries(value).map(([key, inner]) => [key, shapeOf(inner)])),
  };
}

/** The one shape that describes every value any of these describes. Of none it is `unknown`. */
export function mergeShapes(shapes: readonly Shape[]): Shape {
  const flat = shapes.flatMap((shape) => (shape.kind === "union" ? shape.members : [shape]));
  const known = flat.filter((shape) => shape.kind !== "unknown");
  const [first] = known;
  if (known.length < flat.length || first === undefined) return { kind: "unknown" };
  const objects = known.filter((shape) => shape.kind === "object");
  const arrays = known.filter((shape) => shape.kind === "array");
  const scalars = known.filter((shape) => shape.kind !== "object" && shape.kind !== "array");
  const members: Shape[] = [...new Map(scalars.map((shape) => [shape.kind, shape])).values()];
  if (arrays.length > 0) members.push({ kind: "array", items: mergeItems(arrays.map(({ items }) => items)) });
  if (objects.length > 0) members.push(mergeObjects(objects));
  const [only] = members;
  if (members.length === 1 && only) return only;
  return { kind: "union", members: members.sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind)) };
}

const ORDER = ["string", "number", "boolean", "array", "object", "unknown", "union", "null"];

/** An empty list says nothing of what it may hold, so another's items decide. */
function mergeItems(items: readonly Shape[]): Shape {
  const known = items.filter((shape) => shape.kind !== "unknown");
  return mergeShapes(known.length > 0 ? known : items);
}

function mergeObjects(objects: readonly ObjectShape[]): ObjectShape {
  const keys = [...new Set(objects.flatMap(({ properties }) => Object.keys(properties)))];
  const isOptional = (key: string) =>
    objects.some(({ properties, optional }) => !Object.hasOwn(properties, key) || optional?.includes(key));
  const optional = keys.filter(isOptional).sort();
  return {
    kind: "object",
    properties: record(
      keys.map((key) => [
        key,
        mergeShapes(
          objects.flatMap(({ properties }) => (Object.hasOwn(properties, key) ? [get(properties, key)] : [])),
        ),
      ]),
    ),
    ...(optional.length > 0 ? { optional } : {}),
  };
}

function get(properties: Readonly<Record<string, Shape>>, key: string): Shape {
  return properties[key] ?? { kind: "unknown" };
}

/** Like `Object.fromEntries`, for keys that may be `__proto__`. */
function record<T>(entries: readonly (readonly [string, T])[]): Readonly<Record<string, T>> {
  return Object.fromEntries(entries);
}
