/** A resource as state holds it: Pulumi's deployment schema, version 3. */

import type { Properties, PropertyValue } from "../provider.ts";
import { isProviderType, parseProviderRef, type Urn } from "../urn.ts";

export interface CustomTimeouts {
  readonly create?: number;
  readonly update?: number;
  readonly delete?: number;
}

export interface ResourceState {
  readonly urn: Urn;
  readonly type: string;
  readonly custom: boolean;
  readonly id?: string;
  readonly inputs: Properties;
  readonly outputs: Properties;
  readonly parent?: Urn;
  readonly provider?: string;
  readonly dependencies?: readonly Urn[];
  readonly propertyDependencies?: Readonly<Record<string, readonly Urn[]>>;
  readonly protect?: boolean;
  /** Read from elsewhere, not ours to change or delete. */
  readonly external?: boolean;
  readonly retainOnDelete?: boolean;
  readonly deletedWith?: Urn;
  readonly replaceWith?: readonly Urn[];
  readonly importID?: string;
  readonly customTimeouts?: CustomTimeouts;
  readonly additionalSecretOutputs?: readonly string[];
  readonly ignoreChanges?: readonly string[];
  readonly replaceOnChanges?: readonly string[];
  readonly replacementTrigger?: PropertyValue;
  readonly resourceHooks?: Readonly<Record<string, readonly string[]>>;
  readonly initErrors?: readonly string[];
  /** Replaced already; still to be deleted. */
  readonly delete?: boolean;
  /** Deleted already, to be replaced; the replacement is still to be created. */
  readonly pendingReplacement?: boolean;
  readonly created?: string;
  readonly modified?: string;
}

/** What tells two entries of state apart: a replaced resource and its successor share a URN. */
export function stateKey(resource: ResourceState): string {
  return resource.delete ? `${resource.urn}\u0000${resource.id ?? ""}` : resource.urn;
}

/** Every URN that has to exist for this resource to make sense. */
export function referencesOf(resource: ResourceState): Set<Urn> {
  const references = new Set<Urn>(resource.dependencies);
  for (const urns of Object.values(resource.propertyDependencies ?? {}))
    for (const urn of urns) references.add(urn);
  if (resource.parent) references.add(resource.parent);
  if (resource.provider) references.add(parseProviderRef(resource.provider).urn);
  if (resource.deletedWith) references.add(resource.deletedWith);
  references.delete(resource.urn);
  return references;
}

/** Dependencies before dependents; otherwise the order stays as it is. */
export function sortByDependency(resources: readonly ResourceState[]): ResourceState[] {
  const byUrn = new Map<Urn, ResourceState[]>();
  for (const resource of resources) {
    const same = byUrn.get(resource.urn);
    if (same) same.push(resource);
    else byUrn.set(resource.urn, [resource]);
  }
  const sorted = new Set<ResourceState>();
  const open = new Set<ResourceState>();
  // An explicit stack: a chain of dependencies may be longer than the call stack is deep.
  for (const start of resources) {
    const stack = [start];
    while (stack.length > 0) {
      const resource = stack[stack.length - 1];
      if (resource === undefined) break;
      if (sorted.has(resource)) {
        stack.pop();
        continue;
      }
      const missing = open.has(resource)
        ? []
        : [...referencesOf(resource)]
            .flatMap((urn) => byUrn.get(urn) ?? [])
            .filter((other) => !sorted.has(other) && !open.has(other));
      open.add(resource);
      if (missing.length > 0) stack.push(...missing.reverse());
      else {
        sorted.add(resource);
        stack.pop();
      }
    }
  }
  return [...sorted];
}

/** Whether a provider has to be asked to delete it. */
export function isManaged(resource: ResourceState): boolean {
  return resource.custom && !resource.external && !isProviderType(resource.type);
}
