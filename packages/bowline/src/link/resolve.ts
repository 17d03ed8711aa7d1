import { all, isSecret, type Output, output } from "@pulumi/pulumi";
import { BowlineError } from "../error.ts";
import type { Binding, Environment, Permission } from "./include.ts";
import type { Link } from "./link.ts";
import { collectLinks } from "./linkable.ts";
import { checkName, nameKey } from "./name.ts";
import type { ConditionBlock, Statement } from "./statement.ts";

/** A link whose every value is known. */
export interface ResolvedLink {
  readonly name: string;
  readonly type: string;
  readonly origin: string;
  /** The properties and the type, as the consumer reads them. */
  readonly value: Readonly<Record<string, unknown>>;
  /** Whether any property is secret. */
  readonly sensitive: boolean;
  readonly statements: readonly Statement[];
  readonly environment: Readonly<Record<string, string>>;
  /** What it is in a Cloudflare Worker. */
  readonly bindings: readonly ResolvedBinding[];
}

/** A binding whose every value is known. */
export interface ResolvedBinding extends Omit<Binding, "kind" | "properties" | "of"> {
  readonly properties: Readonly<Record<string, string>>;
}

/** The links of a consumer, merged by name. What can be checked at once is checked at once. */
export function resolveLinks(consumer: string, items: unknown): Output<ResolvedLink[]> {
  const { links, later } = collectLinks(consumer, items);
  for (const link of links) checkLink(consumer, link);
  const found = all(links.map(resolveLink));
  if (later.length === 0) return found.apply((resolved) => mergeByName(consumer, resolved));
  const values = all(later);
  // Secretness of what an Output holds is the Output's own: everything in it counts as secret then.
  const rest = all([values, output(isSecret(values))]).apply(([items, hidden]) => {
    const late = collectLinks(consumer, items).links;
    for (const link of late) checkLink(consumer, link);
    return all(late.map(resolveLink)).apply((resolved): ResolvedLink[] =>
      resolved.map((link) => ({ ...(link as ResolvedLink), sensitive: hidden || link.sensitive })),
    );
  });
  return all([found, rest]).apply(([a, b]) => mergeByName(consumer, [...a, ...b] as ResolvedLink[]));
}

/** Refuses what no consumer could read. */
export function checkLink(consumer: string, link: Link): void {
  checkName(link.name, `A link of ${consumer}`);
  if (Object.hasOwn(link.properties, "type")) {
    throw new BowlineError(
      "bad-property",
      `${consumer}: the link ${link.name} has a property called "type".`,
      {
        hint: `Rename it: Resource.${link.name}.type is what kind of resource it is.`,
      },
    );
  }
}

/** Links as one Output each; its secretness travels as data, so that what is not secret stays readable. */
function resolveLink(link: Link): Output<ResolvedLink> {
  const properties = output(link.properties as Record<string, unknown>);
  const permissions = link.include.filter((item): item is Permission => item.kind === "permission");
  const bindings = link.include.filter((item): item is Binding => item.kind === "binding");
  const environments = link.include.filter((item): item is Environment => item.kind === "environment");
  return all([
    properties,
    output(isSecret(properties)),
    all(permissions.map(resolvePermission)),
    all(environments.map((item) => output(item.variables))),
    all(bindings.map((item) => output(item.properties))),
  ]).apply(
    ([values, sensitive, statements, variables, bound]): ResolvedLink => ({
      name: link.name,
      type: link.type,
      origin: link.origin,
      value: { ...(values as Record<string, unknown>), type: link.type },
      sensitive,
      statements: statements as readonly Statement[],
      environment: Object.assign({}, ...variables) as Record<string, string>,
      bindings: bindings.map(({ type, as }, index) => ({
        type,
        ...(as === undefined ? {} : { as }),
        properties: bound[index] as Record<string, string>,
      })),
    }),
  );
}

export function resolvePermission(permission: Permission): Output<Statement> {
  return all([
    all(permission.resources.map((resource) => output(resource))),
    all(permission.conditions.map((condition) => all(condition.values.map((value) => output(value))))),
  ]).apply(([resources, values]) => {
    const conditions: Record<string, Record<string, readonly string[]>> = {};
    permission.conditions.forEach((condition, i) => {
      const keys = conditions[condition.test] ?? {};
      keys[condition.variable] = [...(keys[condition.variable] ?? []), ...(values[i] ?? [])];
      conditions[condition.test] = keys;
    });
    return {
      effect: permission.effect,
      actions: permission.actions,
      resources,
      conditions: conditions as ConditionBlock,
    };
  });
}

/** The same link twice becomes one; two different links under one name cannot both be `Resource.<name>`. */
export function mergeByName(consumer: string, links: readonly ResolvedLink[]): ResolvedLink[] {
  const merged = new Map<string, ResolvedLink>();
  for (const link of links) {
    const before = merged.get(nameKey(link.name));
    merged.set(nameKey(link.name), before ? mergeTwo(consumer, before, link) : link);
  }
  return [...merged.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function mergeTwo(consumer: string, a: ResolvedLink, b: ResolvedLink): ResolvedLink {
  const conflict = Object.keys(a.value).find(
    (key) => Object.hasOwn(b.value, key) && JSON.stringify(a.value[key]) !== JSON.stringify(b.value[key]),
  );
  if (a.name !== b.name || conflict !== undefined) {
    const names =
      a.name === b.name
        ? `two different links are named ${a.name}`
        : `the links ${a.name} and ${b.name} have names that collide`;
    const about = conflict !== undefined && a.name === b.name ? ` (they differ in "${conflict}")` : "";
    throw new BowlineError("link-collision", `${consumer}: ${names}${about}.`, {
      hint: `Give one of them another name here: other.link().as("${b.name}2").`,
    });
  }
  return {
    ...a,
    origin: a.origin === b.origin ? a.origin : `${a.origin} and ${b.origin}`,
    value: { ...a.value, ...b.value },
    sensitive: a.sensitive || b.sensitive,
    statements: [...a.statements, ...b.statements],
    environment: { ...a.environment, ...b.environment },
    bindings: distinct([...a.bindings, ...b.bindings]),
  };
}

function distinct(bindings: readonly ResolvedBinding[]): ResolvedBinding[] {
  return [...new Map(bindings.map((binding) => [JSON.stringify(binding), binding])).values()];
}
