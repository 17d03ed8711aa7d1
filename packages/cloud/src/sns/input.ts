/** Reading what a request says: Query's flat parameters become the members that operations and other services use. */
import { entries, members, type QueryInput, structures } from "../protocol/query.ts";
import { invalid } from "./errors.ts";
import type { MessageAttribute, MessageAttributes } from "./model.ts";

export type Input = Readonly<Record<string, unknown>>;
type Members = Record<string, unknown>;

export function text(input: Input, name: string): string | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw invalid(`${name} must be a string`);
  return value;
}

export function requiredText(input: Input, name: string): string {
  const value = text(input, name);
  if (!value) throw invalid(`${name} Reason: no value for required parameter`);
  return value;
}

export function textMap(input: Input, name: string): Record<string, string> {
  const map: Record<string, string> = {};
  for (const [key, value] of Object.entries((input[name] ?? {}) as Members)) {
    if (typeof value !== "string") throw invalid(`${name}.${key} must be a string`);
    if (key !== "__proto__") map[key] = value;
  }
  return map;
}

export function list(input: Input, name: string): readonly Input[] {
  const value = input[name];
  return Array.isArray(value) ? value : [];
}

export function texts(input: Input, name: string): readonly string[] {
  return list(input, name).filter((value) => typeof value === "string") as unknown as string[];
}

/** Tags as a map. */
export function tags(input: Input): Record<string, string> {
  const map: Record<string, string> = {};
  for (const tag of list(input, "Tags")) map[requiredText(tag, "Key")] = text(tag, "Value") ?? "";
  return map;
}

function message(input: QueryInput): Members {
  const plain: Members = {};
  for (const [name, value] of Object.entries(input)) if (!name.includes(".")) plain[name] = value;
  const attributes: Record<string, MessageAttribute> = {};
  for (const record of structures(input, "MessageAttributes.entry")) {
    const { Name } = record;
    if (Name === undefined || Name === "__proto__") continue;
    attributes[Name] = {
      DataType: record["Value.DataType"] ?? "",
      StringValue: record["Value.StringValue"],
      BinaryValue: record["Value.BinaryValue"],
    };
  }
  if (Object.keys(attributes).length > 0) plain.MessageAttributes = attributes;
  return plain;
}

export function fromQuery(operation: string, input: QueryInput): Members {
  const known = message(input);
  known.Attributes = entries(input, "Attributes.entry");
  known.Tags = structures(input, "Tags.member");
  known.TagKeys = members(input, "TagKeys.member");
  known.AWSAccountId = members(input, "AWSAccountId.member");
  known.ActionName = members(input, "ActionName.member");
  if (operation === "PublishBatch") {
    known.PublishBatchRequestEntries = structures(input, "PublishBatchRequestEntries.member").map(message);
  }
  return known;
}

/** Checks the attributes of a message. */
export function messageAttributes(input: Input): MessageAttributes {
  const attributes: Record<string, MessageAttribute> = {};
  for (const [name, value] of Object.entries((input.MessageAttributes ?? {}) as Members)) {
    const { DataType, StringValue, BinaryValue } = (value ?? {}) as Partial<MessageAttribute>;
    const kind = /^(String|Number|Binary)(\..+)?$/.exec(DataType ?? "")?.[1];
    if (!DataType || !kind) {
      throw invalid(
        `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
      );
    }
    if (!/^[\w.-]{1,256}$/.test(name)) throw invalid(`The message attribute name '${name}' is invalid`);
    const present = kind === "Binary" ? BinaryValue : StringValue;
    if (!present) {
      throw invalid(
        `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${DataType}'.`,
      );
    }
    if (kind === "Number" && (present.trim() === "" || !Number.isFinite(Number(present)))) {
      throw invalid(`The message attribute '${name}' with type 'Number' must use a valid number value.`);
    }
    attributes[name] =
      kind === "Binary" ? { DataType, BinaryValue: present } : { DataType, StringValue: present };
  }
  return attributes;
}
