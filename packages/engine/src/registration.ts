/** From the SDK's registration message to the goal it states. */

import type { Alias } from "@pulumi/pulumi/proto/alias_pb.js";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb.js";
import type { Deployment } from "./deployment.ts";
import { type Goal, HOOK_PHASES, type HookBinding } from "./goal.ts";
import type { CustomTimeouts } from "./state/resource.ts";
import { parseDuration } from "./steps/timeout.ts";
import { buildUrn, parseUrn, ROOT_TYPE, type Urn } from "./urn.ts";
import { settleInputs } from "./values/assets.ts";
import { decodeStruct, decodeValue } from "./values/struct.ts";

export function urnOf(deployment: Deployment, parent: Urn, type: string, name: string): Urn {
  const { stack, project } = deployment.options;
  return buildUrn(stack, project, parent, type, name);
}

export async function goalOf(deployment: Deployment, request: RegisterResourceRequest): Promise<Goal> {
  const type = request.getType();
  const name = request.getName();
  const parent = request.getParent();
  validateToken(type, request.getCustom());
  if (request.getRemote()) {
    throw new Error(
      `${type} is a component of another language or package; such components are not supported here`,
    );
  }
  if (request.getStateMigrationsList().length > 0) throw new Error("state migrations are not supported here");
  const inputs = decodeStruct(request.getObject());
  const trigger = request.getReplacementTrigger();
  const propertyDependencies: Record<string, Urn[]> = {};
  request.getPropertydependenciesMap().forEach((dependencies, key) => {
    propertyDependencies[key] = dependencies.getUrnsList();
  });
  const settled = await settleInputs(inputs, deployment.cwd);
  const settledTrigger =
    trigger && (await settleInputs({ value: decodeValue(trigger) }, deployment.cwd)).value;
  return {
    urn: urnOf(deployment, parent, type, name),
    type,
    name,
    custom: request.getCustom(),
    inputs: settled,
    parent,
    provider: request.getProvider(),
    version: request.getVersion(),
    dependencies: request.getDependenciesList(),
    propertyDependencies,
    protect: request.getProtect() ?? inherited(deployment, parent, "protect"),
    retainOnDelete: request.getRetainondelete() ?? inherited(deployment, parent, "retainOnDelete"),
    deletedWith: request.getDeletedwith(),
    replaceWith: request.getReplaceWithList(),
    deleteBeforeReplace: request.getDeletebeforereplacedefined()
      ? request.getDeletebeforereplace()
      : undefined,
    ignoreChanges: request.getIgnorechangesList(),
    replaceOnChanges: request.getReplaceonchangesList(),
    replacementTrigger: settledTrigger ?? undefined,
    aliases: aliasesOf(deployment, request),
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    importId: request.getImportid(),
    customTimeouts: timeoutsOf(request),
    hooks: hooksOf(request),
  };
}

/** A type's parts tell the package; without three of them nobody knows whom to ask. */
export function validateToken(type: string, custom: boolean): void {
  if (type.includes("::") || (custom && type.split(":").length !== 3)) {
    throw new Error(`"${type}" is not a resource type; a type has the form package:module:Name`);
  }
}

/** What a resource says nothing about, its parent may have said. */
function inherited(deployment: Deployment, parent: Urn, option: "protect" | "retainOnDelete"): boolean {
  return parent !== "" && deployment.goals.get(parent)?.[option] === true;
}

function timeoutsOf(request: RegisterResourceRequest): CustomTimeouts | undefined {
  const timeouts = request.getCustomtimeouts();
  const create = parseDuration(timeouts?.getCreate() ?? "");
  const update = parseDuration(timeouts?.getUpdate() ?? "");
  const remove = parseDuration(timeouts?.getDelete() ?? "");
  if (create === undefined && update === undefined && remove === undefined) return undefined;
  return {
    ...(create !== undefined ? { create } : {}),
    ...(update !== undefined ? { update } : {}),
    ...(remove !== undefined ? { delete: remove } : {}),
  };
}

function hooksOf(request: RegisterResourceRequest): HookBinding {
  const binding = request.getHooks();
  if (!binding) return {};
  const hooks: Partial<Record<(typeof HOOK_PHASES)[number], readonly string[]>> = {};
  for (const phase of HOOK_PHASES) {
    const names = binding[`get${phase}List`]();
    if (names.length > 0) hooks[phase] = names;
  }
  return hooks;
}

/** All URNs a resource may have had: by its own aliases, and by those of its parent. */
function aliasesOf(deployment: Deployment, request: RegisterResourceRequest): Urn[] {
  const urn = urnOf(deployment, request.getParent(), request.getType(), request.getName());
  const own = request.getAliasesList().map((alias) => aliasUrn(deployment, request, alias));
  const parent = request.getParent();
  const aliases = new Set([...request.getAliasurnsList(), ...own]);
  const parentName = parent === "" ? "" : parseUrn(parent).name;
  // Under each former parent: the resource as it is called now, and under each of its own former names.
  for (const formerParent of formerUrns(deployment, parent)) {
    const childOf = (name: string, type: string) => {
      const formerName = parseUrn(formerParent).name;
      const child = name.startsWith(parentName) ? formerName + name.slice(parentName.length) : name;
      const { stack, project } = parseUrn(formerParent);
      return buildUrn(stack, project, formerParent, type, child);
    };
    aliases.add(childOf(request.getName(), request.getType()));
    for (const former of own) aliases.add(childOf(parseUrn(former).name, parseUrn(former).type));
  }
  aliases.delete(urn);
  return [...aliases];
}

function formerUrns(deployment: Deployment, parent: Urn): readonly Urn[] {
  return parent === "" ? [] : (deployment.goals.get(parent)?.aliases ?? []);
}

function aliasUrn(deployment: Deployment, request: RegisterResourceRequest, alias: Alias): Urn {
  const spec = alias.getSpec();
  if (!spec) return alias.getUrn();
  const { stack, project } = deployment.options;
  const parent = spec.getNoparent() ? "" : spec.getParenturn() || request.getParent();
  const parentType = parent === "" ? ROOT_TYPE : parseUrn(parent).type;
  return buildUrn(
    spec.getStack() || stack,
    spec.getProject() || project,
    parentType === ROOT_TYPE ? "" : parent,
    spec.getType() || request.getType(),
    spec.getName() || request.getName(),
  );
}
