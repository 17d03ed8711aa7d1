/** Asks, by its inputs, for a resource whose creation nobody saw the end of. */

import type { Properties, Provider } from "@bowline/engine";
import type { LocatingHandler } from "./resource.ts";

/**
 * The id that a resource with these inputs has, or would have; none when nothing of the kind exists. Undefined for a
 * type that nobody here can tell of. Ids that are taken belong to other resources of that type.
 */
export type Locate = (
  type: string,
  inputs: Properties,
  taken: ReadonlySet<string>,
) => Promise<{ readonly id?: string }> | undefined;

export function locator(providers: readonly Provider[]): Locate {
  return (type, inputs, taken) => {
    const [handler] = providers.flatMap((provider) => provider.resource(type) ?? []);
    return (handler as LocatingHandler | undefined)?.locate?.(inputs, taken).then((id) => (id ? { id } : {}));
  };
}

/** Asks one after the other, until one of them knows the type. */
export function anyOf(...locators: readonly Locate[]): Locate {
  return (type, inputs, taken) => {
    for (const locate of locators) {
      const located = locate(type, inputs, taken);
      if (located) return located;
    }
    return undefined;
  };
}
