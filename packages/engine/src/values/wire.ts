/**
 * Property values as Pulumi's wire and checkpoint carry them: plain JSON, plus objects marked by a signature key that
 * stand for secrets, assets, archives, resource references and output values.
 */

import { type Properties, type PropertyValue, UNKNOWN } from "../provider.ts";

export const SIGNATURE = "4dabf18193072939515e22adb298388d";
export const ASSET = "c44067f5952c0a294b673a41bacd8c17";
export const ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7";
export const SECRET = "1b47061264138c4ac30d75fd1eb44270";
export const REFERENCE = "5cf8f73096256a8f31e491e813e4eb8e";
export const OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4";

export interface Secret {
  readonly [SIGNATURE]: typeof SECRET;
  readonly value: PropertyValue;
  readonly [key: string]: PropertyValue;
}

export function isObject(value: unknown): value is Properties {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

export function isArray(value: unknown): value is readonly PropertyValue[] {
  return Array.isArray(value);
}

export function signatureOf(value: unknown): PropertyValue | undefined {
  return isObject(value) ? value[SIGNATURE] : undefined;
}

export function isSecret(value: unknown): value is Secret {
  return signatureOf(value) === SECRET;
}

export function secret(value: PropertyValue): Secret {
  return isSecret(value) ? value : { [SIGNATURE]: SECRET, value };
}

/** Sets a property as JSON.parse would: `__proto__` becomes a key like any other. */
export function setProperty(target: Record<string, PropertyValue>, key: string, value: PropertyValue): void {
  if (key === "__proto__") {
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    target[key] = value;
  }
}

export function getProperty(source: Properties | undefined, key: string): PropertyValue | undefined {
  return source !== undefined && Object.hasOwn(source, key) ? source[key] : undefined;
}

export function mapProperties(
  source: Properties,
  change: (value: PropertyValue, key: string) => PropertyValue | undefined,
): Properties {
  const result: Record<string, PropertyValue> = {};
  for (const key of Object.keys(source)) {
    const value = source[key];
    const changed = value === undefined ? undefined : change(value, key);
    if (changed !== undefined) setProperty(result, key, changed);
  }
  return result;
}

function some(value: PropertyValue | undefined, test: (value: PropertyValue) => boolean): boolean {
  if (value === undefined) return false;
  if (test(value)) return true;
  if (isArray(value)) return value.some((element) => some(element, test));
  if (isObject(value)) {
    for (const key of Object.keys(value)) if (some(value[key], test)) return true;
  }
  return false;
}

export function hasSecret(value: PropertyValue | undefined): boolean {
  return some(value, isSecret);
}

/** Whether a value is, or holds, one that is not known before the deployment ran. */
export function hasUnknown(value: PropertyValue | undefined): boolean {
  return some(value, (inner) => inner === UNKNOWN);
}

/** What a handler sees: secrets unwrapped, references as ids, output values as their value. Assets stay envelopes. */
export function unwrap(value: PropertyValue): PropertyValue {
  if (isArray(value)) return value.map(unwrap);
  if (!isObject(value)) return value;
  switch (value[SIGNATURE]) {
    case SECRET:
      return unwrap(value.value ?? null);
    case REFERENCE:
      return value.id ?? value.urn ?? null;
    case OUTPUT:
      return value.value === undefined ? UNKNOWN : unwrap(value.value);
  }
  return unwrapProperties(value);
}

export function unwrapProperties(properties: Properties): Properties {
  return mapProperties(properties, unwrap);
}

/** What people and event consumers may see. */
export function mask(value: PropertyValue): PropertyValue {
  if (isArray(value)) return value.map(mask);
  if (!isObject(value)) return value;
  if (value[SIGNATURE] === SECRET) return "[secret]";
  return maskProperties(value);
}

export function maskProperties(properties: Properties): Properties {
  return mapProperties(properties, mask);
}

/** Removes what is still unknown, for answers outside a preview. */
export function dropUnknown(properties: Properties): Properties {
  if (!hasUnknown(properties)) return properties;
  const drop = (value: PropertyValue): PropertyValue | undefined => {
    if (value === UNKNOWN) return undefined;
    if (isArray(value)) return value.map((element) => drop(element) ?? null);
    if (isSecret(value)) return value.value === UNKNOWN ? undefined : secret(drop(value.value) ?? null);
    return isObject(value) ? mapProperties(value, drop) : value;
  };
  return mapProperties(properties, drop);
}

/**
 * Carries secretness from one shape to another: what is secret in `source` becomes secret, key by key, in `target`.
 * Handlers see plain values, so what they answer has to be marked again.
 */
export function carrySecrets(target: Properties, source: Properties): Properties {
  if (!hasSecret(source)) return target;
  return mapProperties(target, (value, key) => carry(value, getProperty(source, key)));
}

function carry(target: PropertyValue, source: PropertyValue | undefined): PropertyValue {
  if (source === undefined || isSecret(target)) return target;
  if (isSecret(source)) return secret(target);
  if (isArray(target) && isArray(source))
    return target.map((element, index) => carry(element, source[index]));
  if (isObject(target) && isObject(source)) return carrySecrets(target, source);
  return target;
}

export function markSecret(properties: Properties, keys: readonly string[]): Properties {
  if (keys.length === 0) return properties;
  return mapProperties(properties, (value, key) => (keys.includes(key) ? secret(value) : value));
}
