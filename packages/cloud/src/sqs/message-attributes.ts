/** Message attributes: what they may be, and the digest by which clients check them. */
import { hash } from "node:crypto";
import { invalidParameter } from "./errors.ts";
import { type Input, record, text } from "./input.ts";
import type { MessageAttribute, MessageAttributes } from "./model.ts";

const typePattern = /^(String|Number|Binary)(\..{1,248})?$/;
const numberPattern = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;

function checkName(name: string): void {
  if (name === "" || name.length > 256 || !/^[A-Za-z0-9_.-]+$/.test(name)) {
    throw invalidParameter(
      "Message attribute name can only contain A-Z, a-z, 0-9, underscore (_), hyphen (-), and period (.) and be 1 to 256 characters long.",
    );
  }
  if (/^(aws|amazon)\./i.test(name) || /^\.|\.$|\.\./.test(name)) {
    throw invalidParameter(
      `The message attribute name '${name}' is invalid. It must not start with AWS. or Amazon., start or end with a period, or have periods in succession.`,
    );
  }
}

function readAttribute(name: string, input: Input): MessageAttribute {
  const type = text(input, "DataType");
  if (!type)
    throw invalidParameter(`The message attribute '${name}' must contain non-empty message attribute type.`);
  const kind = typePattern.exec(type)?.[1];
  if (!kind) {
    throw invalidParameter(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    );
  }
  const value = text(input, kind === "Binary" ? "BinaryValue" : "StringValue");
  if (!value) {
    throw invalidParameter(
      `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${kind}'.`,
    );
  }
  if (kind === "Binary") return { DataType: type, BinaryValue: value };
  if (kind === "Number" && !numberPattern.test(value)) {
    throw invalidParameter(`Can't cast the value of message (user) attribute '${name}' to a number.`);
  }
  return { DataType: type, StringValue: value };
}

/** Reads and checks the attributes of a message; undefined when there are none. */
export function readAttributes(value: unknown): MessageAttributes | undefined {
  if (value === undefined || value === null) return undefined;
  const names = Object.entries(record(value, "MessageAttributes"));
  if (names.length === 0) return undefined;
  if (names.length > 10) {
    throw invalidParameter(
      `Number of message attributes [${names.length}] exceeds the allowed maximum [10].`,
    );
  }
  const attributes: Record<string, MessageAttribute> = {};
  for (const [name, attribute] of names) {
    checkName(name);
    attributes[name] = readAttribute(name, record(attribute, name));
  }
  return attributes;
}

/** How many bytes attributes count for: names, types and values. */
export function attributesSize(attributes: MessageAttributes | undefined): number {
  let size = 0;
  for (const [name, { DataType, StringValue, BinaryValue }] of Object.entries(attributes ?? {})) {
    size += name.length + Buffer.byteLength(DataType);
    size +=
      BinaryValue === undefined
        ? Buffer.byteLength(StringValue ?? "")
        : Buffer.byteLength(BinaryValue, "base64");
  }
  return size;
}

function counted(bytes: Buffer): Buffer[] {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return [length, bytes];
}

const asText = Buffer.from([1]);
const asBinary = Buffer.from([2]);

/** The MD5 that SDKs verify: over names in order, each with its type and value, every part led by its length. */
export function attributesMd5(attributes: MessageAttributes | undefined): string | undefined {
  const names = Object.keys(attributes ?? {});
  if (!attributes || names.length === 0) return undefined;
  const parts: Buffer[] = [];
  for (const name of names.sort()) {
    const attribute = attributes[name];
    if (!attribute) continue;
    parts.push(...counted(Buffer.from(name)), ...counted(Buffer.from(attribute.DataType)));
    if (attribute.BinaryValue === undefined) {
      parts.push(asText, ...counted(Buffer.from(attribute.StringValue ?? "")));
    } else {
      parts.push(asBinary, ...counted(Buffer.from(attribute.BinaryValue, "base64")));
    }
  }
  return hash("md5", Buffer.concat(parts));
}

/** The attributes a receiver asked for: by name, by `prefix.*`, or all of them. */
export function selectAttributes(
  attributes: MessageAttributes,
  wanted: readonly string[],
): MessageAttributes | undefined {
  if (wanted.length === 0) return undefined;
  if (wanted.includes("All") || wanted.includes(".*")) return attributes;
  const selected = Object.entries(attributes).filter(([name]) =>
    wanted.some((want) => name === want || (want.endsWith(".*") && name.startsWith(want.slice(0, -1)))),
  );
  return selected.length > 0 ? Object.fromEntries(selected) : undefined;
}
