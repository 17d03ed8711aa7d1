/** Reading and writing the XML that AWS speaks. */
import { createRequire } from "node:module";
import { AwsError } from "../error.ts";

/** A list written without a wrapper: `{ Contents: flat([a, b]) }` gives `<Contents/><Contents/>`. */
export class Flat {
  readonly items: readonly unknown[];
  constructor(items: readonly unknown[]) {
    this.items = items;
  }
}

export function flat(items: readonly unknown[]): Flat {
  return new Flat(items);
}

/**
 * Writes a value as XML. Objects become child elements, arrays `<member>` lists, `flat(…)` repeated elements,
 * a `Map` `<entry><key/><value/></entry>` lists, a `Date` its ISO form; `undefined` members are left out.
 *
 * A member whose name begins with `@` becomes an attribute of its element.
 *
 * @example xml("Error", { Code: "NoSuchKey", Message: "…" })
 */
export function xml(name: string, value: unknown, options: { readonly xmlns?: string } = {}): string {
  const attribute = options.xmlns ? ` xmlns="${escapeXml(options.xmlns)}"` : "";
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element(name, value, attribute)}`;
}

function element(name: string, value: unknown, attribute = ""): string {
  if (value === undefined || value === null) return attribute ? `<${name}${attribute}/>` : "";
  if (value instanceof Flat) return value.items.map((item) => element(name, item)).join("");
  return `<${name}${attribute}${attributes(value)}>${content(value)}</${name}>`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function attributes(value: unknown): string {
  if (!isRecord(value) || value instanceof Map || value instanceof Date) return "";
  let text = "";
  for (const [key, member] of Object.entries(value)) {
    if (key.startsWith("@") && member !== undefined)
      text += ` ${key.slice(1)}="${escapeXml(String(member))}"`;
  }
  return text;
}

function content(value: unknown): string {
  if (typeof value === "string") return escapeXml(value);
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map((item) => element("member", item)).join("");
  if (value instanceof Map) {
    return [...value].map(([key, item]) => element("entry", { key: String(key), value: item })).join("");
  }
  if (!isRecord(value)) return String(value);
  let text = "";
  for (const [key, member] of Object.entries(value)) if (!key.startsWith("@")) text += element(key, member);
  return text;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 has no way to carry them but as references
const special = /[&<>"'\r\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;
const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  "\r": "&#13;",
};

/** Text made safe for an element or an attribute. */
export function escapeXml(text: string): string {
  return text.replace(
    special,
    (character) => escapes[character] ?? `&#x${character.charCodeAt(0).toString(16)};`,
  );
}

type FastXml = typeof import("fast-xml-parser");
interface Reader {
  isWellFormed(text: string): boolean;
  read(text: string): unknown;
}
let loaded: Reader | undefined;

/** Loaded with the first document: few programs send one, and it takes a tenth of the cloud's start. */
function reader(): Reader {
  if (loaded) return loaded;
  const { XMLParser, XMLValidator } = createRequire(import.meta.url)("fast-xml-parser") as FastXml;
  const parser = new XMLParser({
    ignoreAttributes: true,
    removeNSPrefix: true,
    parseTagValue: false,
    trimValues: false,
    processEntities: false,
    ignoreDeclaration: true,
    ignorePiTags: true,
    maxNestedTags: 64,
  });
  loaded = {
    isWellFormed: (text) => XMLValidator.validate(text) === true,
    read: (text) => parser.parse(text),
  };
  return loaded;
}

/** What `parseXml` gives: text, or elements by name; an element that occurs repeatedly is a list. */
export type XmlValue = string | XmlElement | readonly (string | XmlElement)[];
export interface XmlElement {
  readonly [name: string]: XmlValue;
}

/**
 * Reads an XML document. Only the five standard entities and character references are known; a document with a
 * DOCTYPE is refused, so that nothing can be declared. Fails with `MalformedXML`.
 */
export function parseXml(text: string): XmlElement {
  const malformed = () =>
    new AwsError(
      "MalformedXML",
      "The XML you provided was not well-formed or did not validate against our published schema.",
    );
  if (/<!(DOCTYPE|ENTITY)/i.test(text)) throw malformed();
  let tree: unknown;
  try {
    const { isWellFormed, read } = reader();
    if (!isWellFormed(text)) throw malformed();
    tree = read(text);
  } catch {
    throw malformed();
  }
  const value = clean(tree);
  if (typeof value === "string" || Array.isArray(value)) throw malformed();
  return value as XmlElement;
}

/** Drops the white space between elements and decodes entities in what remains. */
function clean(value: unknown): XmlValue {
  if (Array.isArray(value)) return value.map((item) => clean(item) as string | XmlElement);
  if (!isRecord(value)) return decodeEntities(String(value ?? ""));
  const result: Record<string, XmlValue> = Object.create(null);
  let elements = 0;
  for (const [name, member] of Object.entries(value)) {
    if (name === "#text") continue;
    elements++;
    result[name] = clean(member);
  }
  const own = value["#text"];
  return elements === 0 && own !== undefined ? decodeEntities(String(own)) : result;
}

const named: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function decodeEntities(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(
    /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(amp|lt|gt|quot|apos));/gi,
    (whole, hex, decimal, name) => {
      if (name) return named[String(name).toLowerCase()] ?? whole;
      const point = hex ? Number.parseInt(hex, 16) : Number(decimal);
      return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
    },
  );
}

/** One element or several, as a list. */
export function listOf(value: XmlValue | undefined): readonly (string | XmlElement)[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value as string | XmlElement];
}

/** The text of a member, if it has one. */
export function textOf(element: string | XmlElement | undefined, name: string): string | undefined {
  if (element === undefined || typeof element === "string") return undefined;
  const value = element[name];
  return typeof value === "string" ? value : undefined;
}

/** A child element; an empty one (`<Rule/>`) counts as an element without members. */
export function childOf(element: string | XmlElement | undefined, name: string): XmlElement | undefined {
  if (element === undefined || typeof element === "string") return undefined;
  const value = element[name];
  if (value === "") return {};
  return typeof value === "object" && !Array.isArray(value) ? (value as XmlElement) : undefined;
}
