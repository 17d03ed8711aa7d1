/** Between `google.protobuf.Struct`, in which the SDK speaks, and property values. */

import type { Struct, Value } from "google-protobuf/google/protobuf/struct_pb.js";
import type { Properties, PropertyValue } from "../provider.ts";
import type { Sdk } from "../sdk.ts";
import { setProperty } from "./wire.ts";

/** `google.protobuf.Value.KindCase`; the same numbers as the fields of the message. */
const KIND = { null: 1, number: 2, string: 3, bool: 4, struct: 5, list: 6 } as const;

const MAX_DEPTH = 500;

export function decodeStruct(struct: Struct | undefined): Properties {
  return struct === undefined ? {} : decode(struct, "", 0);
}

export function decodeValue(value: Value | undefined, path = ""): PropertyValue {
  return value === undefined ? null : decodeAt(value, path, 0);
}

function decode(struct: Struct, path: string, depth: number): Properties {
  if (depth > MAX_DEPTH) throw tooDeep(path);
  const result: Record<string, PropertyValue> = {};
  struct.getFieldsMap().forEach((value, key) => {
    setProperty(result, key, decodeAt(value, path === "" ? key : `${path}.${key}`, depth + 1));
  });
  return result;
}

function decodeAt(value: Value, path: string, depth: number): PropertyValue {
  switch (value.getKindCase() as number) {
    case KIND.string:
      return value.getStringValue();
    case KIND.number: {
      const number = value.getNumberValue();
      if (Number.isFinite(number)) return number;
      throw new Error(`property ${path} is ${number}, which neither JSON nor a provider can hold`);
    }
    case KIND.bool:
      return value.getBoolValue();
    case KIND.struct: {
      const struct = value.getStructValue();
      return struct === undefined ? {} : decode(struct, path, depth);
    }
    case KIND.list: {
      if (depth > MAX_DEPTH) throw tooDeep(path);
      const list = value.getListValue()?.getValuesList() ?? [];
      return list.map((element, index) => decodeAt(element, `${path}[${index}]`, depth + 1));
    }
    default:
      return null;
  }
}

function tooDeep(path: string): Error {
  return new Error(`property ${path.slice(0, 60)}… is nested more than ${MAX_DEPTH} levels deep`);
}

export function encodeStruct(sdk: Sdk, properties: Properties): Struct {
  const struct = new sdk.struct.Struct();
  const fields = struct.getFieldsMap();
  for (const key of Object.keys(properties)) {
    const value = properties[key];
    if (value !== undefined) fields.set(key, encodeValue(sdk, value));
  }
  return struct;
}

export function encodeValue(sdk: Sdk, value: PropertyValue): Value {
  const encoded = new sdk.struct.Value();
  if (value === null) encoded.setNullValue(sdk.struct.NullValue.NULL_VALUE);
  else if (typeof value === "string") encoded.setStringValue(value);
  else if (typeof value === "number") encoded.setNumberValue(value);
  else if (typeof value === "boolean") encoded.setBoolValue(value);
  else if (Array.isArray(value)) {
    const list = new sdk.struct.ListValue();
    list.setValuesList(value.map((element: PropertyValue) => encodeValue(sdk, element)));
    encoded.setListValue(list);
  } else encoded.setStructValue(encodeStruct(sdk, value as Properties));
  return encoded;
}
