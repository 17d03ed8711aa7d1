import { output } from "@pulumi/pulumi";
import { isUnknownValue, valueWithUnknowns } from "../link/settle.ts";
import { type ObjectShape, type Shape, shapeOf } from "./shape.ts";

/** What the properties of a link look like, as far as that is known without deploying anything. */
export async function propertiesShape(properties: Readonly<Record<string, unknown>>): Promise<ObjectShape> {
  const entries = Object.entries(properties).map(async ([name, value]) => [name, await inputShape(value)]);
  return { kind: "object", properties: Object.fromEntries(await Promise.all(entries)) };
}

/** Many functions are linked to one table, and ask for the same Outputs. */
const shapes = new WeakMap<object, Promise<Shape>>();

function inputShape(value: unknown): Shape | Promise<Shape> {
  if (typeof value !== "object" || value === null) return shapeOf(value);
  const known = shapes.get(value);
  if (known) return known;
  const shape = valueWithUnknowns(output(value)).then(shapeWithUnknowns);
  shapes.set(value, shape);
  return shape;
}

function shapeWithUnknowns(value: unknown): Shape {
  return shapeOf(withText(value));
}

/** The value with some text where it is unknown; only its shape is looked at. */
function withText(value: unknown): unknown {
  if (isUnknownValue(value)) return "";
  if (Array.isArray(value)) return value.map(withText);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withText(inner)]));
}
