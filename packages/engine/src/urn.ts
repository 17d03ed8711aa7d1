/** `urn:pulumi:<stack>::<project>::<parent types>$<type>::<name>`; only a name may hold `::`. */

export type Urn = string;

export const ROOT_TYPE = "pulumi:pulumi:Stack";

export interface UrnParts {
  readonly stack: string;
  readonly project: string;
  /** The types of all parents and its own, joined by `$`. */
  readonly qualifiedType: string;
  readonly type: string;
  readonly name: string;
}

export function parseUrn(urn: Urn): UrnParts {
  const [stack = "", project = "", qualifiedType = "", ...name] = urn.slice("urn:pulumi:".length).split("::");
  const type = qualifiedType.slice(qualifiedType.lastIndexOf("$") + 1);
  return { stack, project, qualifiedType, type, name: name.join("::") };
}

export function buildUrn(stack: string, project: string, parent: Urn, type: string, name: string): Urn {
  let qualified = type;
  if (parent !== "") {
    const parentType = parseUrn(parent).qualifiedType;
    if (parentType !== "" && parentType !== ROOT_TYPE) qualified = `${parentType}$${type}`;
  }
  return `urn:pulumi:${stack}::${project}::${qualified}::${name}`;
}

/** The package of a type token: `aws` of `aws:s3/bucket:Bucket`; of a provider's type, the package it provides. */
export function packageOf(type: string): string {
  const [first = "", second = "", third = ""] = type.split(":");
  return first === "pulumi" && second === "providers" ? third : first;
}

export function isProviderType(type: string): boolean {
  return type.startsWith("pulumi:providers:");
}

/** A reference to a provider resource: `<urn>::<id>`. */
export function parseProviderRef(reference: string): { urn: Urn; id: string } {
  const at = reference.lastIndexOf("::");
  return { urn: reference.slice(0, at), id: reference.slice(at + 2) };
}

export function isDefaultProvider(urn: Urn): boolean {
  const { type, name } = parseUrn(urn);
  return isProviderType(type) && (name === "default" || name.startsWith("default_"));
}
