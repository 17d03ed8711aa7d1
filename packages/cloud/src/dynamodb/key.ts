/** Keys: checking them against a schema, and where their items lie. */
import type { KeySchema, TableDefinition } from "./definition.ts";
import { invalidParameter, serialization, validation } from "./errors.ts";
import type { KeyAttribute } from "./expression/key-condition.ts";
import { sortableNumber } from "./number.ts";
import { type AttributeValue, attribute, checkValue, type Item, isRecord, typeOf } from "./value.ts";

/** Text or bytes that SQLite sorts as DynamoDB sorts the value. */
export type KeyPart = string | Uint8Array;

/**
 * Where an item lies. Items are kept by the hash of their partition key, as AWS does: a scan's order means nothing,
 * and a range of slots is a segment of a parallel scan.
 */
export interface Place {
  readonly slot: number;
  readonly hash: KeyPart;
  /** Empty where the schema has no range key. */
  readonly range: KeyPart;
}

const longestHash = 2048;
const longestRange = 1024;

/** One more than the highest slot. */
export const slots = 2 ** 32;

export function keyPart(value: AttributeValue): KeyPart {
  if (value.S !== undefined) return value.S;
  if (value.N !== undefined) return sortableNumber(value.N);
  return Buffer.from(value.B ?? "", "base64");
}

/** FNV-1a, with its bits mixed once more so that similar keys spread. */
export function slotOf(part: KeyPart): number {
  let hash = 0x811c9dc5;
  if (typeof part === "string") {
    for (let index = 0; index < part.length; index++) {
      hash = Math.imul(hash ^ part.charCodeAt(index), 0x01000193);
    }
  } else {
    for (const byte of part) hash = Math.imul(hash ^ byte, 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Where an item with these (checked) key attributes lies. */
export function placeOf(item: Item, { hash, range }: KeySchema): Place {
  const hashPart = keyPart(item[hash.name] as AttributeValue);
  return {
    slot: slotOf(hashPart),
    hash: hashPart,
    range: range ? keyPart(item[range.name] as AttributeValue) : "",
  };
}

/** The place in an index, if the item has the index's key attributes. */
export function indexPlaceOf(item: Item, { hash, range }: KeySchema): Place | undefined {
  const hashed = attribute(item, hash.name)?.[hash.type] !== undefined;
  return hashed && (!range || attribute(item, range.name)?.[range.type] !== undefined)
    ? placeOf(item, { hash, range })
    : undefined;
}

/** Checks the `Key` of a request: exactly the table's key attributes, of their types. */
export function readKey(input: unknown, keys: KeySchema): Item {
  if (input === undefined || input === null) {
    throw validation("The parameter 'Key' is required but was not present in the request");
  }
  if (!isRecord(input)) throw serialization("Unexpected field type");
  for (const name in input) checkValue(input[name]);
  const key = input as Item;
  const wanted = keys.range ? 2 : 1;
  if (Object.keys(key).length !== wanted || !hasKeyTypes(key, keys)) {
    throw validation("The provided key element does not match the schema");
  }
  checkKeyValues(key, keys);
  return key;
}

function hasKeyTypes(item: Item, { hash, range }: KeySchema): boolean {
  return (
    attribute(item, hash.name)?.[hash.type] !== undefined &&
    (range === undefined || attribute(item, range.name)?.[range.type] !== undefined)
  );
}

/** Checks the key attributes of a whole item that is to be written. */
export function checkItemKeys(item: Item, table: TableDefinition): void {
  const { hash, range } = table.keys;
  checkItemKey(item, hash);
  if (range) checkItemKey(item, range);
  checkKeyValues(item, table.keys);
  checkIndexKeys(item, table);
}

function checkItemKey(item: Item, key: KeyAttribute): void {
  const value = attribute(item, key.name);
  if (!value) throw invalidParameter(`Missing the key ${key.name} in the item`);
  if (value[key.type] === undefined) {
    throw invalidParameter(
      `Type mismatch for key ${key.name} expected: ${key.type} actual: ${typeOf(value)}`,
    );
  }
}

/** An attribute that is the key of an index must have its type, and must not be empty. */
export function checkIndexKeys(item: Item, table: TableDefinition): void {
  for (const index of table.indexes) {
    for (const key of [index.keys.hash, index.keys.range]) {
      const value = key && attribute(item, key.name);
      if (!key || !value) continue;
      if (value[key.type] === undefined) {
        throw invalidParameter(
          `Type mismatch for Index Key ${key.name} Expected: ${key.type} Actual: ${typeOf(value)} IndexName: ${index.name}`,
        );
      }
      if (value.S === "" || value.B === "") {
        throw validation(
          `One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty string value. IndexName: ${index.name}, IndexKey: ${key.name}`,
        );
      }
    }
  }
}

function checkKeyValues(item: Item, { hash, range }: KeySchema): void {
  checkKeyValue(item, hash, longestHash);
  if (range) checkKeyValue(item, range, longestRange);
}

function checkKeyValue(item: Item, { name }: KeyAttribute, longest: number): void {
  const value = item[name] as AttributeValue;
  if (value.S === "" || value.B === "") {
    const kind = value.S === "" ? "string" : "binary";
    throw validation(
      `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty ${kind} value. Key: ${name}`,
    );
  }
  const length =
    value.S !== undefined ? Buffer.byteLength(value.S) : Buffer.byteLength(value.B ?? "", "base64");
  if (length <= longest) return;
  throw invalidParameter(
    longest === longestHash
      ? "Size of hashkey has exceeded the maximum size limit of2048 bytes"
      : "Aggregated size of all range keys has exceeded the size limit of 1024 bytes",
  );
}

/** The key attributes out of a whole item. */
export function keyOf(item: Item, ...schemas: readonly KeySchema[]): Item {
  const key: Item = {};
  for (const { hash, range } of schemas) {
    key[hash.name] = item[hash.name] as AttributeValue;
    if (range) key[range.name] = item[range.name] as AttributeValue;
  }
  return key;
}
