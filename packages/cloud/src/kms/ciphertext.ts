/**
 * What symmetric keys make: the id of the key, that of its material, and the sealed bytes, so that decrypting needs no
 * more than the ciphertext. The encryption context, the key and the material are authenticated with it.
 */
import { openWith, sealWith } from "../store/seal.ts";
import { invalidCiphertext } from "./errors.ts";
import type { Keyring } from "./keyring.ts";
import type { EncryptionContext, Key } from "./model.ts";
import { canonicalContext } from "./policy.ts";

const version = 1;
const materialLength = 32;

export interface Ciphertext {
  readonly keyId: string;
  readonly materialId: string;
  readonly header: Buffer;
  readonly sealed: Buffer;
}

/** What a ciphertext says of itself; fails when it is none of ours. */
export function readCiphertext(bytes: Buffer): Ciphertext {
  const idLength = bytes[1] ?? 0;
  const headerLength = 2 + idLength + materialLength;
  if (bytes[0] !== version || idLength === 0 || bytes.length <= headerLength) throw invalidCiphertext();
  return {
    keyId: bytes.toString("latin1", 2, 2 + idLength),
    materialId: bytes.toString("hex", 2 + idLength, headerLength),
    header: bytes.subarray(0, headerLength),
    sealed: bytes.subarray(headerLength),
  };
}

function label(header: Buffer, context: EncryptionContext): string {
  return `${header.toString("base64")} ${canonicalContext(context)}`;
}

export function encrypt(
  ring: Keyring,
  key: Key,
  plaintext: Uint8Array,
  context: EncryptionContext,
  now: number,
): Buffer {
  const material = ring.current(key, now);
  const header = Buffer.concat([
    Buffer.from([version, key.id.length]),
    Buffer.from(key.id, "latin1"),
    Buffer.from(material.id, "hex"),
  ]);
  return Buffer.concat([header, sealWith(material.bytes, plaintext, label(header, context))]);
}

export function decrypt(ring: Keyring, key: Key, given: Ciphertext, context: EncryptionContext): Buffer {
  const material = ring.material(key, given.materialId);
  if (!material) throw invalidCiphertext();
  try {
    return openWith(material, given.sealed, label(given.header, context));
  } catch {
    throw invalidCiphertext();
  }
}
