import { type Input, output } from "@pulumi/pulumi";
import { BowlineError } from "../error.ts";
import {
  type AccessLevel,
  type AccessProfile,
  type Grant,
  type ProfiledType,
  profiles,
  targetArn,
} from "./access.ts";
import { type Permission, permission } from "./include.ts";

/** What `component.link(...)` takes: level names, or the exact actions. */
export type Access<T extends ProfiledType> = AccessLevel<T> | { readonly actions: readonly string[] };

/** The permissions that levels, exact actions or the default give on a resource. */
export function grantsOf<T extends ProfiledType>(
  type: T,
  arn: Input<string>,
  access: readonly Access<T>[],
  options: { readonly name: string; readonly full: boolean; readonly hasIndexes?: boolean },
): { permissions: Permission[]; origin: string } {
  const profile: AccessProfile = profiles[type];
  if (access.length === 0) {
    return options.full
      ? { permissions: toPermissions(profile.full, arn, true), origin: 'access "full"' }
      : { permissions: levelsOf(profile, profile.default, arn, options), origin: "the default link" };
  }
  const levels = access.filter((item) => typeof item === "string");
  const actions = access.filter((item) => typeof item === "object").flatMap((item) => item.actions);
  return {
    permissions: [
      ...levelsOf(profile, levels, arn, options),
      ...(actions.length > 0
        ? toPermissions([{ actions, on: exactTargets(type, options.hasIndexes) }], arn, true)
        : []),
    ],
    origin: `link(${access.map((item) => (typeof item === "string" ? `"${item}"` : "{ actions }")).join(", ")})`,
  };
}

function levelsOf(
  profile: AccessProfile,
  levels: readonly string[],
  arn: Input<string>,
  options: { readonly name: string; readonly hasIndexes?: boolean },
): Permission[] {
  return levels.flatMap((level) => {
    const grants = profile.levels[level];
    if (!grants) {
      throw new BowlineError(
        "unknown-access",
        `${options.name}.link("${level}"): there is no access level "${level}".`,
        {
          hint: `Its levels are ${Object.keys(profile.levels)
            .map((known) => `"${known}"`)
            .join(", ")}.`,
        },
      );
    }
    return toPermissions(grants, arn, options.hasIndexes ?? false);
  });
}

function toPermissions(grants: readonly Grant[], arn: Input<string>, hasIndexes: boolean): Permission[] {
  return grants.map((grant) =>
    permission({
      actions: grant.actions,
      resources: grant.on
        .filter((target) => target !== "indexes" || hasIndexes)
        .map((target) => output(arn).apply((known) => targetArn(known, target))),
    }),
  );
}

function exactTargets(type: ProfiledType, hasIndexes = false): Grant["on"] {
  if (type === "bowline:aws:Bucket") return ["self", "contents"];
  return type === "bowline:aws:Dynamo" && hasIndexes ? ["self", "indexes"] : ["self"];
}
