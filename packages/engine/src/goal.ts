/** What the program asks for: a registration, transformed, with everything in it settled. */

import type { Properties, PropertyValue } from "./provider.ts";
import type { CustomTimeouts, ResourceState } from "./state/resource.ts";
import type { Urn } from "./urn.ts";

export const HOOK_PHASES = [
  "BeforeCreate",
  "AfterCreate",
  "BeforeUpdate",
  "AfterUpdate",
  "BeforeDelete",
  "AfterDelete",
  "OnError",
] as const;
export type HookPhase = (typeof HOOK_PHASES)[number];
/** Names of registered hooks, by phase. */
export type HookBinding = Readonly<Partial<Record<HookPhase, readonly string[]>>>;

export interface Goal {
  readonly urn: Urn;
  readonly type: string;
  readonly name: string;
  readonly custom: boolean;
  readonly inputs: Properties;
  readonly parent: Urn;
  /** `<urn>::<id>` of an explicit provider, or empty for the default one. */
  readonly provider: string;
  readonly version: string;
  readonly dependencies: readonly Urn[];
  readonly propertyDependencies: Readonly<Record<string, readonly Urn[]>>;
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  readonly deletedWith: Urn;
  readonly replaceWith: readonly Urn[];
  readonly deleteBeforeReplace: boolean | undefined;
  readonly ignoreChanges: readonly string[];
  readonly replaceOnChanges: readonly string[];
  readonly replacementTrigger: PropertyValue | undefined;
  readonly aliases: readonly Urn[];
  readonly additionalSecretOutputs: readonly string[];
  readonly importId: string;
  readonly customTimeouts: CustomTimeouts | undefined;
  readonly hooks: HookBinding;
}

/** A goal with nothing asked for beyond what it is. */
export function plainGoal(urn: Urn, type: string, name: string, custom: boolean, inputs: Properties): Goal {
  return {
    urn,
    type,
    name,
    custom,
    inputs,
    parent: "",
    provider: "",
    version: "",
    dependencies: [],
    propertyDependencies: {},
    protect: false,
    retainOnDelete: false,
    deletedWith: "",
    replaceWith: [],
    deleteBeforeReplace: undefined,
    ignoreChanges: [],
    replaceOnChanges: [],
    replacementTrigger: undefined,
    aliases: [],
    additionalSecretOutputs: [],
    importId: "",
    customTimeouts: undefined,
    hooks: {},
  };
}

/** The state a resource will have once its goal is reached, outputs and id still missing. */
export function stateOf(goal: Goal, provider: string, inputs: Properties): ResourceState {
  const propertyDependencies = Object.fromEntries(
    Object.entries(goal.propertyDependencies).filter(([, urns]) => urns.length > 0),
  );
  const hooks = Object.fromEntries(Object.entries(goal.hooks).filter(([, names]) => names.length > 0));
  return {
    urn: goal.urn,
    type: goal.type,
    custom: goal.custom,
    inputs,
    outputs: {},
    ...(goal.parent !== "" ? { parent: goal.parent } : {}),
    ...(provider !== "" ? { provider } : {}),
    ...(goal.dependencies.length > 0 ? { dependencies: goal.dependencies } : {}),
    ...(Object.keys(propertyDependencies).length > 0 ? { propertyDependencies } : {}),
    ...(goal.protect ? { protect: true } : {}),
    ...(goal.retainOnDelete ? { retainOnDelete: true } : {}),
    ...(goal.deletedWith !== "" ? { deletedWith: goal.deletedWith } : {}),
    ...(goal.replaceWith.length > 0 ? { replaceWith: goal.replaceWith } : {}),
    ...(goal.ignoreChanges.length > 0 ? { ignoreChanges: goal.ignoreChanges } : {}),
    ...(goal.replaceOnChanges.length > 0 ? { replaceOnChanges: goal.replaceOnChanges } : {}),
    ...(goal.replacementTrigger !== undefined ? { replacementTrigger: goal.replacementTrigger } : {}),
    ...(goal.additionalSecretOutputs.length > 0
      ? { additionalSecretOutputs: goal.additionalSecretOutputs }
      : {}),
    ...(goal.importId !== "" ? { importID: goal.importId } : {}),
    ...(goal.customTimeouts ? { customTimeouts: goal.customTimeouts } : {}),
    ...(Object.keys(hooks).length > 0 ? { resourceHooks: hooks } : {}),
  };
}
