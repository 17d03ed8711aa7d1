/** Which clouds a program uses, each told once, while it declares its resources. */

import * as pulumi from "@pulumi/pulumi";
import type { CloudName } from "./clouds.ts";

/**
 * To be called in the program, before it declares anything. What has a provider of its own has its own account and is
 * not told of.
 */
export function tellUses(listener: (cloud: CloudName) => void): void {
  const told = new Set<string>();
  // The older kind of transformation: the constructor of a resource calls it, so that nothing is registered before.
  pulumi.runtime.registerStackTransformation(({ type, opts }) => {
    const [, cloud] = /^(aws|cloudflare):/.exec(type) ?? [];
    const own =
      (opts as pulumi.CustomResourceOptions).provider ??
      (opts as pulumi.ComponentResourceOptions).providers ??
      opts.parent?.getProvider(type);
    if (cloud && !own && !told.has(cloud)) {
      told.add(cloud);
      listener(cloud as CloudName);
    }
    return undefined;
  });
}
