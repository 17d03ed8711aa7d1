import { dirname } from "node:path";
import { isUnknown, type Output, output } from "@pulumi/pulumi";
import { collectLinks } from "../link/linkable.ts";
import type { TypedConsumer, TypedLink } from "./input.ts";
import { mergeShapes, type ObjectShape, type Shape, shapeOf } from "./shape.ts";

/**
 * What a consumer's links look like, without deploying anything. What only a deployment could tell (the ARN of a
 * resource, its URL) is taken to be text, as nearly everything a resource answers is.
 */
export async function typedConsumer(
  consumer: { readonly name: string; readonly runtime: string; readonly handler: string },
  items: unknown,
): Promise<TypedConsumer> {
  const links: Record<string, TypedLink> = {};
  for (const link of collectLinks(consumer.name, items).links) {
    const shape = shapeWithUnknowns(await valueWithUnknowns(output(link.properties))) as ObjectShape;
    const before = links[link.name];
    links[link.name] = {
      type: link.type,
      shape: before ? (mergeShapes([before.shape, shape]) as ObjectShape) : shape,
    };
  }
  return { name: consumer.name, runtime: consumer.runtime, handlerDir: dirname(consumer.handler), links };
}

/** The SDK tells of a value that is partly unknown only through this method, which its types do not show. */
function valueWithUnknowns(value: Output<unknown>): Promise<unknown> {
  const { promise } = value as unknown as { promise?: (withUnknowns: boolean) => Promise<unknown> };
  if (typeof promise !== "function") throw new Error("this version of @pulumi/pulumi has no Output.promise");
  return promise.call(value, true);
}

function shapeWithUnknowns(value: unknown): Shape {
  return shapeOf(withText(value));
}

/** The value with some text where it is unknown; only its shape is looked at. */
function withText(value: unknown): unknown {
  if (isUnknown(value)) return "";
  if (Array.isArray(value)) return value.map(withText);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withText(inner)]));
}
