/** Which resources an operation may touch. */

import { isProviderType, parseUrn, ROOT_TYPE, type Urn } from "./urn.ts";

export interface Targets {
  readonly constrained: boolean;
  includes(urn: Urn): boolean;
}

/** `*` stands for any part of a segment, `**` for anything at all. */
export function globToRegExp(glob: string): RegExp {
  const source = glob
    .split(/(\*\*|\*)/)
    .map((part) => {
      if (part === "**") return ".*";
      if (part === "*") return "[^:/]*";
      return part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    })
    .join("");
  return new RegExp(`^${source}$`);
}

export function selectTargets(options: {
  targets?: readonly string[];
  excludes?: readonly string[];
}): Targets {
  const targets = options.targets?.map(globToRegExp) ?? [];
  const excludes = options.excludes?.map(globToRegExp) ?? [];
  return {
    constrained: targets.length > 0 || excludes.length > 0,
    includes(urn) {
      const { type } = parseUrn(urn);
      // Providers and the stack itself are always part of it; nobody names them.
      if (isProviderType(type) || type === ROOT_TYPE) return true;
      if (targets.length > 0) return targets.some((target) => target.test(urn));
      return !excludes.some((exclude) => exclude.test(urn));
    },
  };
}
