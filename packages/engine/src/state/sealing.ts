/** Secrets at rest: AES-256-GCM with a fresh nonce for each value. */

import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { Properties, PropertyValue } from "../provider.ts";
import {
  isArray,
  isObject,
  isSecret,
  mapProperties,
  SECRET,
  type Secret,
  SIGNATURE,
} from "../values/wire.ts";
import type { ResourceState } from "./resource.ts";

const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;

export interface Sealer {
  seal(resource: ResourceState): ResourceState;
  open(resource: ResourceState): ResourceState;
}

export function createSealer(key: Uint8Array): Sealer {
  if (key.length !== 32) throw new Error(`the secrets key has ${key.length} bytes; AES-256 needs 32`);
  // An unchanged secret keeps its ciphertext, so that an unchanged state keeps its bytes.
  const known = new WeakMap<Secret, string>();

  function encrypt(secret: Secret): PropertyValue {
    let ciphertext = known.get(secret);
    if (ciphertext === undefined) {
      const nonce = randomBytes(NONCE_LENGTH);
      const cipher = createCipheriv("aes-256-gcm", key, nonce);
      const body = Buffer.concat([cipher.update(JSON.stringify(secret.value), "utf8"), cipher.final()]);
      ciphertext = Buffer.concat([nonce, body, cipher.getAuthTag()]).toString("base64");
      known.set(secret, ciphertext);
    }
    return { [SIGNATURE]: SECRET, ciphertext };
  }

  function decrypt(ciphertext: string): Secret {
    const bytes = Buffer.from(ciphertext, "base64");
    const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, NONCE_LENGTH));
    decipher.setAuthTag(bytes.subarray(-TAG_LENGTH));
    let text: string;
    try {
      const body = bytes.subarray(NONCE_LENGTH, -TAG_LENGTH);
      text = Buffer.concat([decipher.update(body), decipher.final()]).toString("utf8");
    } catch {
      throw new Error(
        "a secret in the state cannot be decrypted: the secrets key is not the one it was written with",
      );
    }
    const secret: Secret = { [SIGNATURE]: SECRET, value: JSON.parse(text) };
    known.set(secret, ciphertext);
    return secret;
  }

  function sealValue(value: PropertyValue): PropertyValue {
    if (isArray(value)) return value.map(sealValue);
    if (isSecret(value)) return encrypt(value);
    return isObject(value) ? mapProperties(value, sealValue) : value;
  }

  function openValue(value: PropertyValue): PropertyValue {
    if (isArray(value)) return value.map(openValue);
    if (!isObject(value)) return value;
    if (value[SIGNATURE] === SECRET) {
      const { ciphertext, plaintext } = value;
      if (typeof ciphertext === "string") return decrypt(ciphertext);
      if (typeof plaintext === "string") return { [SIGNATURE]: SECRET, value: JSON.parse(plaintext) };
      return value;
    }
    return mapProperties(value, openValue);
  }

  return {
    seal: (resource) => mapValues(resource, sealValue),
    open: (resource) => mapValues(resource, openValue),
  };
}

/** Writes secrets as plain text, in the form that `pulumi stack import` takes. */
export const plaintextSealer: Sealer = {
  seal: (resource) => mapValues(resource, disclose),
  open: (resource) => resource,
};

function disclose(value: PropertyValue): PropertyValue {
  if (isArray(value)) return value.map(disclose);
  if (isSecret(value)) return { [SIGNATURE]: SECRET, plaintext: JSON.stringify(value.value) };
  return isObject(value) ? mapProperties(value, disclose) : value;
}

/** Applies `change` to every property value of a resource; the resource itself when nothing in it is secret. */
function mapValues(resource: ResourceState, change: (value: PropertyValue) => PropertyValue): ResourceState {
  const holdsSecret = (properties: Properties) => containsSignature(properties);
  const { inputs, outputs, replacementTrigger } = resource;
  const trigger = replacementTrigger !== undefined && containsSignature(replacementTrigger);
  if (!holdsSecret(inputs) && !holdsSecret(outputs) && !trigger) return resource;
  return {
    ...resource,
    inputs: mapProperties(inputs, change),
    outputs: mapProperties(outputs, change),
    ...(replacementTrigger !== undefined ? { replacementTrigger: change(replacementTrigger) } : {}),
  };
}

function containsSignature(value: PropertyValue): boolean {
  if (isArray(value)) return value.some(containsSignature);
  if (!isObject(value)) return false;
  if (value[SIGNATURE] === SECRET) return true;
  return Object.values(value).some(containsSignature);
}
