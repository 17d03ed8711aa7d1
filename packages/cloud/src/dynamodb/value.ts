/** Attribute values: their types, what makes one valid, equality, order and size. */
import { invalidParameter, serialization, validation } from "./errors.ts";
import { canonicalNumber, compareNumbers, numberSize } from "./number.ts";

export type AttributeType = "S" | "N" | "B" | "BOOL" | "NULL" | "L" | "M" | "SS" | "NS" | "BS";

/** One attribute as it travels: an object with exactly one of these members. */
export interface AttributeValue {
  S?: string;
  N?: string;
  /** Base64. */
  B?: string;
  BOOL?: boolean;
  NULL?: boolean;
  L?: AttributeValue[];
  M?: Item;
  SS?: string[];
  NS?: string[];
  BS?: string[];
}

export interface Item {
  [name: string]: AttributeValue;
}

const deepestNesting = 32;

/** The type of a value that was checked. */
export function typeOf(value: AttributeValue): AttributeType {
  for (const type in value) return type as AttributeType;
  throw new Error("An attribute value without a type got past its check.");
}

/** An own attribute: names such as `constructor` are ordinary data. */
export function attribute(item: Item | undefined, name: string): AttributeValue | undefined {
  return item !== undefined && Object.hasOwn(item, name) ? item[name] : undefined;
}

/** Sets an own attribute, whatever it is called. */
export function setAttribute(item: Item, name: string, value: AttributeValue): void {
  if (name === "__proto__") {
    Object.defineProperty(item, name, { value, writable: true, enumerable: true, configurable: true });
  } else {
    item[name] = value;
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Checks an item a client sent and brings its numbers into canonical form, in place. Returns its size in bytes. */
export function checkItem(value: unknown): number {
  if (!isRecord(value)) throw serialization("Unexpected field type");
  return checkMembers(value, 1);
}

function checkMembers(members: Record<string, unknown>, depth: number): number {
  let size = 0;
  for (const name in members) size += Buffer.byteLength(name) + checkValue(members[name], depth);
  return size;
}

/** Checks one value, as `checkItem` does. */
export function checkValue(value: unknown, depth = 1): number {
  if (!isRecord(value)) throw serialization("Unexpected value type in payload");
  let type: string | undefined;
  for (const member in value) {
    if (value[member] === undefined || value[member] === null) {
      delete value[member];
      continue;
    }
    if (type !== undefined) {
      throw validation(
        "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes",
      );
    }
    type = member;
  }
  const content = type === undefined ? undefined : value[type];
  switch (type) {
    case "S":
      return Buffer.byteLength(text(content));
    case "N": {
      const number = canonicalNumber(text(content));
      value.N = number;
      return numberSize(number);
    }
    case "B":
      return checkBinary(content);
    case "BOOL":
      if (typeof content !== "boolean") throw serialization("Unexpected token received from parser");
      return 1;
    case "NULL":
      if (content !== true) throw invalidParameter("Null attribute value types must have the value of true");
      return 1;
    case "L":
      return checkList(content, depth);
    case "M": {
      if (!isRecord(content)) throw serialization("Unexpected field type");
      checkDepth(depth);
      let count = 0;
      for (const _ in content) count++;
      return 3 + count + checkMembers(content, depth + 1);
    }
    case "SS":
    case "NS":
    case "BS":
      return checkSet(type, content);
    default:
      throw validation(
        "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes",
      );
  }
}

function text(content: unknown): string {
  if (typeof content === "string") return content;
  if (typeof content === "number") throw serialization("NUMBER_VALUE cannot be converted to String");
  if (typeof content === "boolean") {
    throw serialization(`${content ? "TRUE" : "FALSE"}_VALUE cannot be converted to String`);
  }
  throw serialization("Start of structure or map found where not expected");
}

function checkBinary(content: unknown): number {
  if (typeof content !== "string") {
    throw serialization("only base-64-encoded strings are convertible to bytes");
  }
  const bytes = Buffer.from(content, "base64");
  if (bytes.toString("base64") !== content) {
    throw serialization(
      content.length % 4 === 0
        ? "Invalid last non-pad Base64 character dectected"
        : `Base64 encoded length is expected a multiple of 4 bytes but found: ${content.length}`,
    );
  }
  return bytes.length;
}

function checkDepth(depth: number): void {
  if (depth > deepestNesting) {
    throw validation(
      "Nesting Levels have exceeded supported limits: Attributes can be nested up to 32 levels deep",
    );
  }
}

function checkList(content: unknown, depth: number): number {
  if (!Array.isArray(content)) throw serialization("Unexpected field type");
  checkDepth(depth);
  let size = 3;
  for (const element of content) size += 1 + checkValue(element, depth + 1);
  return size;
}

const emptySet = {
  SS: "An string set  may not be empty",
  NS: "An number set  may not be empty",
  BS: "Binary sets should not be empty",
};

function checkSet(type: "SS" | "NS" | "BS", content: unknown): number {
  if (!Array.isArray(content)) throw serialization("Unexpected field type");
  if (content.length === 0) throw invalidParameter(emptySet[type]);
  let size = 3;
  for (let index = 0; index < content.length; index++) {
    if (type === "BS") {
      size += checkBinary(content[index]);
    } else if (type === "SS") {
      size += Buffer.byteLength(text(content[index]));
    } else {
      content[index] = canonicalNumber(text(content[index]));
      size += numberSize(content[index]);
    }
  }
  if (new Set(content).size < content.length) {
    if (type === "NS") throw validation("Input collection contains duplicates");
    const listed = `Input collection [${content.join(", ")}]`;
    throw invalidParameter(
      type === "SS" ? `${listed} contains duplicates.` : `${listed}of type BS contains duplicates.`,
    );
  }
  return size;
}

/** The size in bytes of an item that was checked before. */
export function itemSize(item: Item): number {
  let size = 0;
  for (const name in item) size += Buffer.byteLength(name) + valueSize(item[name] as AttributeValue);
  return size;
}

function valueSize(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.N !== undefined) return numberSize(value.N);
  if (value.B !== undefined) return Buffer.byteLength(value.B, "base64");
  if (value.M !== undefined) return 3 + Object.keys(value.M).length + itemSize(value.M);
  if (value.L !== undefined) return value.L.reduce((size, element) => size + 1 + valueSize(element), 3);
  if (value.SS !== undefined) return value.SS.reduce((size, element) => size + Buffer.byteLength(element), 3);
  if (value.NS !== undefined) return value.NS.reduce((size, element) => size + numberSize(element), 3);
  if (value.BS !== undefined) {
    return value.BS.reduce((size, element) => size + Buffer.byteLength(element, "base64"), 3);
  }
  return 1;
}

/** Whether two values are the same: sets without regard to order, numbers by value, documents in depth. */
export function equal(left: AttributeValue, right: AttributeValue): boolean {
  const type = typeOf(left);
  if (type !== typeOf(right)) return false;
  switch (type) {
    case "L": {
      const a = left.L ?? [];
      const b = right.L ?? [];
      return a.length === b.length && a.every((element, index) => equal(element, b[index] as AttributeValue));
    }
    case "M": {
      const a = left.M ?? {};
      const b = right.M ?? {};
      const names = Object.keys(a);
      if (names.length !== Object.keys(b).length) return false;
      return names.every((name) => {
        const other = attribute(b, name);
        return other !== undefined && equal(a[name] as AttributeValue, other);
      });
    }
    case "SS":
    case "NS":
    case "BS": {
      const a = left[type] ?? [];
      const b = new Set(right[type]);
      return a.length === b.size && a.every((element) => b.has(element));
    }
    default:
      return left[type] === right[type];
  }
}

/** The order of two strings as DynamoDB has it: by UTF-8 bytes, which UTF-16 order is not beyond the surrogates. */
export function compareStrings(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a !== b) {
      const aHigh = a >= 0xd800 && a <= 0xdfff;
      const bHigh = b >= 0xd800 && b <= 0xdfff;
      return aHigh === bHigh ? a - b : aHigh ? 1 : -1;
    }
  }
  return left.length - right.length;
}

/** The order of two values of one ordered type; undefined when they have none. */
export function compare(left: AttributeValue, right: AttributeValue): number | undefined {
  if (left.S !== undefined && right.S !== undefined) return compareStrings(left.S, right.S);
  if (left.N !== undefined && right.N !== undefined) return compareNumbers(left.N, right.N);
  if (left.B !== undefined && right.B !== undefined) {
    return Buffer.compare(Buffer.from(left.B, "base64"), Buffer.from(right.B, "base64"));
  }
  return undefined;
}
