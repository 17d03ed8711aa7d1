import { Output } from "@pulumi/pulumi";
import { BowlineError } from "../error.ts";
import { type Include, permission } from "./include.ts";
import { Link, type LinkProperties } from "./link.ts";

/** Anything that can be linked: it says what linking to it means. */
export interface Linkable<P extends LinkProperties = LinkProperties> {
  link(): Link<P>;
}

/** SST's own protocol, so that its linkables work here. */
interface SstLinkable {
  getSSTLink(): { properties: Record<string, unknown>; include?: readonly Record<string, unknown>[] };
}

/** What `Linkable.wrap` and `links` in the config take: what linking to an instance means. */
export type LinkDefinition<T> = (resource: T) => {
  readonly properties: Readonly<Record<string, unknown>>;
  readonly include?: readonly Include[];
};

// biome-ignore lint/suspicious/noExplicitAny: a class is told by its instances; its constructor's arguments do not matter.
export type Class<T = object> = abstract new (...args: any[]) => T;

/** What users may write in `link: [...]`. */
export type LinkItem = Linkable | Link | object | Output<unknown> | readonly LinkItem[];

const definitions = new Map<Class, LinkDefinition<never>>();

/** From now on, linking to an instance of the class (or of one derived from it) means this. */
export function defineLink<T extends object>(of: Class<T>, definition: LinkDefinition<T>): void {
  definitions.set(of, definition as LinkDefinition<never>);
}

/** Forgets every `defineLink`: one program ends, another begins. */
export function forgetLinkDefinitions(): void {
  definitions.clear();
}

/** The nearest definition along the prototype chain, so that foreign prototypes need no patch. */
function definitionOf(resource: object): LinkDefinition<never> | undefined {
  for (let at = Object.getPrototypeOf(resource); at !== null; at = Object.getPrototypeOf(at)) {
    const definition = definitions.get(at.constructor as Class);
    if (definition) return definition;
  }
  return undefined;
}

/** The links of a list as users write it; Outputs in it are left for later, and `places` says where they are. */
export function collectLinks(
  consumer: string,
  items: unknown,
): { links: Link[]; later: Output<unknown>[]; places: string[] } {
  const links: Link[] = [];
  const later: Output<unknown>[] = [];
  const places: string[] = [];
  const visit = (item: unknown, index: string): void => {
    if (Array.isArray(item)) {
      for (const [i, inner] of item.entries()) visit(inner, `${index}[${i}]`);
    } else if (Output.isInstance(item)) {
      later.push(item);
      places.push(index);
    } else links.push(toLink(consumer, item, index));
  };
  if (items !== undefined && !Array.isArray(items) && !Output.isInstance(items)) {
    throw new BowlineError("not-linkable", `${consumer}: link is ${describe(items)}, and should be a list.`, {
      hint: "Write link: [orders].",
    });
  }
  if (items !== undefined) visit(items, "link");
  return { links, later, places };
}

function toLink(consumer: string, item: unknown, index: string): Link {
  if (typeof item === "object" && item !== null) {
    const link = Link.from(item);
    if (link) return link;
    const definition = definitionOf(item);
    const name = resourceName(item);
    if (definition && name !== undefined) {
      const { properties, include } = definition(item as never);
      return new Link({ name, type: resourceType(item), properties, include, origin: "Linkable.wrap" });
    }
    if (isLinkable(item)) return item.link();
    if (isSstLinkable(item) && name !== undefined) {
      const { properties, include } = item.getSSTLink();
      return new Link({ name, type: resourceType(item), properties, include: (include ?? []).map(fromSst) });
    }
  }
  throw notLinkable(consumer, item, index);
}

function notLinkable(consumer: string, item: unknown, index: string): BowlineError {
  if (item === undefined || item === null) {
    return new BowlineError("not-linkable", `${consumer}: ${index} is ${item}.`, {
      hint: "Declare the resource before the function that links it, or leave it out of the list.",
    });
  }
  const kind = typeof item === "object" ? item.constructor?.name : undefined;
  return new BowlineError(
    "not-linkable",
    `${consumer}: ${index} is ${describe(item)}, which cannot be linked.`,
    {
      hint:
        kind && kind !== "Object"
          ? `Say what linking to it means: Linkable.wrap(${kind}, (resource) => ({ properties: { … } })).`
          : 'Make it linkable: new Linkable("Name", { properties: { … } }).',
    },
  );
}

function describe(item: unknown): string {
  if (typeof item === "object" && item !== null) {
    const name = resourceName(item);
    const kind = item.constructor?.name ?? "object";
    return name === undefined ? `a ${kind}` : `${kind} "${name}"`;
  }
  return typeof item === "string" ? JSON.stringify(item) : String(item);
}

function isLinkable(item: object): item is Linkable {
  return "link" in item && typeof item.link === "function";
}

function isSstLinkable(item: object): item is SstLinkable {
  return "getSSTLink" in item && typeof item.getSSTLink === "function";
}

function fromSst(include: Record<string, unknown>): Include {
  if (include.type === "aws.permission") return permission(include as never);
  if (include.type === "environment") {
    return { kind: "environment", variables: (include.env ?? {}) as Record<string, string> };
  }
  return {
    kind: "binding",
    type: String(include.binding),
    properties: (include.properties ?? {}) as Record<string, string>,
  };
}

/** The logical name of a Pulumi resource: the last part of what it registered under. */
function resourceName(item: object): string | undefined {
  const name = "__name" in item ? item.__name : undefined;
  return typeof name === "string" ? name : undefined;
}

function resourceType(item: object): string {
  return "__pulumiType" in item && typeof item.__pulumiType === "string" ? item.__pulumiType : "";
}
