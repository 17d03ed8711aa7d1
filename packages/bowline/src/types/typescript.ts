import { sortedEntries, type TypedConsumer, type TypedLink, type TypesInput } from "./input.ts";
import { mergeShapes, type ObjectShape, type Shape } from "./shape.ts";
import { bindingType, workerEnvs } from "./worker-env.ts";

const HEADER = `// Written by \`bowline types\`. Changes made here are lost.
// What each link is called and what it looks like; never a value.
import "bowline";

declare module "bowline" {
`;

/**
 * The text of `bowline-env.d.ts` for these consumers: `Resources` has every link of any of them,
 * `Consumers` has just its own for each. The same links always give the same bytes.
 * @param own Of whom the file is to tell, where not of all. A link looks as it does in the whole app, so that the file
 * of a package and that of the app agree where both are read.
 * @param folder Where the file is to be, from the app's folder: types lead to classes of the user's own from there.
 */
export function typescriptTypes(
  { consumers }: TypesInput,
  own?: ReadonlySet<TypedConsumer>,
  folder = "",
): string {
  const all = allLinks(consumers, folder);
  const told = own ? consumers.filter((consumer) => own.has(consumer)) : consumers;
  const names = new Set(told.flatMap(({ links }) => Object.keys(links)));
  const resources = sortedEntries(all)
    .filter(([name]) => names.has(name))
    .map(([name, link]) => `    ${key(name)}: ${linkType(link, 2)};\n`);
  const sorted = [...told].sort((a, b) => (a.name < b.name ? -1 : 1));
  const views = sorted.map((consumer) => `    ${key(consumer.name)}: ${viewType(consumer, all, folder)};\n`);
  return `${HEADER}  interface Resources {\n${resources.join("")}  }\n\n  interface Consumers {\n${views.join("")}  }\n${workerEnvs(told, folder)}}\n`;
}

/** Every link of any consumer. Where they differ under one name, what they have in common is certain. */
function allLinks(consumers: readonly TypedConsumer[], folder: string): Record<string, MergedLink> {
  const merged: Record<string, MergedLink> = Object.create(null);
  for (const { links } of consumers) {
    for (const [name, link] of Object.entries(links)) {
      const before = merged[name];
      const own = mergedLink(ownLink(link, folder));
      if (!before) merged[name] = own;
      else if (before.text !== own.text) {
        const types = [...new Set([...before.types, link.type])].sort();
        // What is a binding in one consumer and plain values in another has only the values in common.
        merged[name] = mergedLink({ types, shape: mergeShapes([before.shape, link.shape]) as ObjectShape });
      }
    }
  }
  return merged;
}

interface LinkShape {
  readonly types: readonly string[];
  readonly shape: ObjectShape;
  /** The binding it is in a Worker, and the bindings it has, in TypeScript. */
  readonly binding?: string;
  readonly parts?: readonly [name: string, type: string][];
}

interface MergedLink extends LinkShape {
  /** Its type in TypeScript: two links that look the same are the same here. */
  readonly text: string;
}

function mergedLink(link: LinkShape): MergedLink {
  return { ...link, text: linkType(link, 0) };
}

function ownLink({ type, shape, binding, parts }: TypedLink, folder: string): LinkShape {
  return {
    types: [type],
    shape,
    ...(binding ? { binding: bindingType(binding, folder) } : {}),
    ...(parts
      ? {
          parts: sortedEntries(parts).map(([name, part]) => [name, bindingType(part, folder)] as const) as [
            string,
            string,
          ][],
        }
      : {}),
  };
}

/** A consumer's links, by reference to `Resources` where they look the same there. */
function viewType({ links }: TypedConsumer, all: Record<string, MergedLink>, folder: string): string {
  const shared: string[] = [];
  const own: string[] = [];
  for (const [name, typed] of sortedEntries(links)) {
    const link = ownLink(typed, folder);
    if (all[name]?.text === linkType(link, 0)) shared.push(JSON.stringify(name));
    else own.push(`      ${key(name)}: ${linkType(link, 3)};\n`);
  }
  const parts = [
    ...(shared.length > 0 ? [`Pick<Resources, ${shared.join(" | ")}>`] : []),
    ...(own.length > 0 ? [`{\n${own.join("")}    }`] : []),
  ];
  return parts.length > 0 ? parts.join(" & ") : "{}";
}

function linkType({ types, shape, binding, parts = [] }: LinkShape, depth: number): string {
  const type = types.map((name) => JSON.stringify(name)).join(" | ");
  const properties = objectType(shape, depth, [["type", type], ...parts]);
  return binding === undefined ? properties : `${binding} & ${properties}`;
}

function objectType(shape: ObjectShape, depth: number, extra: readonly [string, string][] = []): string {
  const optional = new Set(shape.optional);
  const reserved = new Set(extra.map(([name]) => name));
  const indent = "  ".repeat(depth + 1);
  const properties = sortedEntries(shape.properties)
    .filter(([name]) => !reserved.has(name))
    .map(([name, inner]) => `${key(name)}${optional.has(name) ? "?" : ""}: ${shapeType(inner, depth + 1)}`);
  const lines = [...extra.map(([name, type]) => `${name}: ${type}`), ...properties];
  if (lines.length === 0) return "{}";
  return `{\n${lines.map((line) => `${indent}${line};\n`).join("")}${"  ".repeat(depth)}}`;
}

function shapeType(shape: Shape, depth: number): string {
  switch (shape.kind) {
    case "array": {
      const items = shapeType(shape.items, depth);
      return shape.items.kind === "union" ? `(${items})[]` : `${items}[]`;
    }
    case "object":
      return objectType(shape, depth);
    case "union":
      return shape.members.map((member) => shapeType(member, depth)).join(" | ");
    default:
      return shape.kind;
  }
}

/** A property's name, in quotes unless it needs none. */
function key(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}
