import { BowlineError } from "../error.ts";
import { type BindingKind, bindingKinds } from "./binding.ts";

/** The first binding without a place of its own is the link itself; every other has a place in it. */
export function partsOf<B extends { readonly type: string; readonly as?: string }>(
  consumer: string,
  link: { readonly name: string; readonly bindings: readonly B[] },
): { readonly part: string | undefined; readonly binding: B }[] {
  const taken = new Set<string>();
  return link.bindings.map((binding) => {
    const kind = bindingKinds[binding.type as BindingKind];
    if (!kind) throw unknownKind(consumer, link.name, binding.type);
    const itself = binding.as === undefined && !taken.has("") && kind.typescript !== "string";
    const part = itself ? undefined : (binding.as ?? kind.type.replace(/_.*/, ""));
    const key = part ?? "";
    if (taken.has(key)) {
      throw new BowlineError(
        "binding-collision",
        `${consumer}: two bindings of the link ${link.name} would be env.${link.name}.${part}.`,
        { hint: 'Say where each belongs: cloudflare.binding({ type: …, as: "cache", … }).' },
      );
    }
    taken.add(key);
    return { part, binding };
  });
}

function unknownKind(consumer: string, link: string, type: string): BowlineError {
  return new BowlineError(
    "bad-binding",
    `${consumer}: the link ${link} includes a binding of type "${type}".`,
    {
      hint: `There are ${Object.keys(bindingKinds).sort().join(", ")}.`,
    },
  );
}
