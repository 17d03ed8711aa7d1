/** Secrets at rest: bytes sealed with AES-256-GCM, by a key given or by one that only this folder holds. */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";

const nonceLength = 12;
const tagLength = 16;

/** Nonce, ciphertext and tag in one. The label is not kept: to open it, say it again. */
export function sealWith(key: Uint8Array, bytes: Uint8Array, label: string): Buffer {
  const nonce = randomBytes(nonceLength);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(label));
  return Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
}

/** Fails if the key, the label or a single bit is another. */
export function openWith(key: Uint8Array, sealed: Uint8Array, label: string): Buffer {
  if (sealed.length < nonceLength + tagLength) throw new Error("What was sealed is cut short.");
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, nonceLength), {
    authTagLength: tagLength,
  });
  decipher.setAAD(Buffer.from(label)).setAuthTag(sealed.subarray(-tagLength));
  return Buffer.concat([decipher.update(sealed.subarray(nonceLength, -tagLength)), decipher.final()]);
}

export interface Seal {
  seal(bytes: Uint8Array, label: string): Buffer;
  open(sealed: Uint8Array, label: string): Buffer;
}

/** The seal whose key is in a file, made if missing and readable by its owner only. */
export function openSeal(file: string): Seal {
  if (!existsSync(file)) {
    writeFileSync(`${file}.new`, randomBytes(32), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
  const key = readFileSync(file);
  return {
    seal: (bytes, label) => sealWith(key, bytes, label),
    open: (sealed, label) => openWith(key, sealed, label),
  };
}
