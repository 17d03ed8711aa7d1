/** The little XML that S3 and the Query services speak. */
import { XMLParser } from "fast-xml-parser";

/** A place in an answer; missing places read as empty, so that a path can be followed without checks. */
export interface Xml {
  readonly text: string | undefined;
  at(name: string): Xml;
  /** Every child of that name. */
  all(name: string): readonly Xml[];
}

const parser = new XMLParser({ parseTagValue: false, trimValues: false, ignoreDeclaration: true });

export function parseXml(text: string): Xml {
  try {
    return place(text.trim() === "" ? undefined : parser.parse(text));
  } catch {
    return place(undefined);
  }
}

function place(value: unknown): Xml {
  const child = (name: string): unknown =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)[name]
      : undefined;
  return {
    text: typeof value === "string" ? value : undefined,
    at(name) {
      const found = child(name);
      return place(Array.isArray(found) ? found[0] : found);
    },
    all(name) {
      const found = child(name);
      if (found === undefined || found === "") return [];
      return (Array.isArray(found) ? found : [found]).map(place);
    },
  };
}

export type XmlNode =
  | string
  | number
  | boolean
  | undefined
  | { readonly [name: string]: XmlNode | readonly XmlNode[] };

/** `{ Rule: [{ ID: "a" }] }` as `<Rule><ID>a</ID></Rule>`; undefined is left out. */
export function toXml(node: Readonly<Record<string, XmlNode | readonly XmlNode[]>>): string {
  return Object.entries(node)
    .flatMap(([name, value]) =>
      Array.isArray(value) ? value.map((item) => element(name, item)) : [element(name, value as XmlNode)],
    )
    .join("");
}

function element(name: string, value: XmlNode): string {
  if (value === undefined || value === null) return "";
  return `<${name}>${typeof value === "object" ? toXml(value) : escapeXml(String(value))}</${name}>`;
}

function escapeXml(text: string): string {
  return text.replace(
    /[&<>"]/g,
    (character) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[character] ?? character,
  );
}
