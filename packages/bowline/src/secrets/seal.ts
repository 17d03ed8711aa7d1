/** One secret at rest: AES-256-GCM, a fresh nonce each time. */

import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { BowlineError } from "../error.ts";

/** The name is authenticated too: what is stored under another name does not decrypt. */
export function seal(value: string, name: string, key: Uint8Array): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(name));
  return Buffer.concat([nonce, cipher.update(value, "utf8"), cipher.final(), cipher.getAuthTag()]);
}

export function unseal(sealed: Buffer, name: string, key: Uint8Array): string {
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, 12)).setAAD(Buffer.from(name));
    decipher.setAuthTag(sealed.subarray(-16));
    return Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]).toString("utf8");
  } catch (cause) {
    throw new BowlineError(
      "bad-secret",
      `The secret ${name} cannot be decrypted: it is damaged or was made with another key.`,
      {
        hint: `Set it again: bowline secret set ${name}`,
        exitCode: 1,
        cause,
      },
    );
  }
}
