import { dirname } from "node:path";
import { type BindingKind, bindingKinds } from "../link/binding.ts";
import { partsOf } from "../link/binding-parts.ts";
import type { Link } from "../link/link.ts";
import { collectLinks } from "../link/linkable.ts";
import { checkLink } from "../link/resolve.ts";
import type { TypedBinding, TypedConsumer, TypedLink } from "./input.ts";
import { propertiesShape } from "./properties-shape.ts";
import { mergeShapes, type ObjectShape } from "./shape.ts";

/**
 * What a consumer's links look like, without deploying anything. What only a deployment could tell (the ARN of a
 * resource, its URL) is taken to be text, as nearly everything a resource answers is.
 */
export async function typedConsumer(
  consumer: { readonly name: string; readonly runtime: string; readonly handler: string },
  items: unknown,
  env?: TypedConsumer["env"],
): Promise<TypedConsumer> {
  const links: Record<string, TypedLink> = {};
  for (const link of collectLinks(consumer.name, items).links) {
    checkLink(consumer.name, link);
    const shape = await propertiesShape(link.properties);
    const before = links[link.name];
    links[link.name] = {
      type: link.type,
      shape: before ? (mergeShapes([before.shape, shape]) as ObjectShape) : shape,
      ...(consumer.runtime === "workerd" ? typedBindings(consumer.name, link) : {}),
    };
  }
  const { name, runtime, handler } = consumer;
  return { name, runtime, handlerDir: dirname(handler), links, ...(env ? { env } : {}) };
}

/** What a link is in a Worker. */
function typedBindings(consumer: string, link: Link): Pick<TypedLink, "binding" | "parts"> {
  const parts: Record<string, TypedBinding> = {};
  let binding: TypedBinding | undefined;
  const bindings = link.include.filter((item) => item.kind === "binding");
  for (const { part, binding: one } of partsOf(consumer, { name: link.name, bindings })) {
    const { typescript } = bindingKinds[one.type as BindingKind];
    const typed = { typescript, ...(one.of ? { of: one.of } : {}) };
    if (part === undefined) binding = typed;
    else parts[part] = typed;
  }
  return { ...(binding ? { binding } : {}), ...(Object.keys(parts).length > 0 ? { parts } : {}) };
}
