/** Secrets as Pulumi's passphrase provider writes them: AES-256-GCM under a key derived from passphrase and salt. */

import { createCipheriv, createDecipheriv, pbkdf2, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { SECRET, SIGNATURE } from "../values/wire.ts";

export interface Cipher {
  readonly encryptionsalt: string;
  encrypt(text: string): string;
  /** A state's JSON with its secrets' values in place of their ciphertexts. */
  open(value: unknown): unknown;
}

const TAG_LENGTH = 16;

export async function openCipher(passphrase: string, encryptionsalt: string): Promise<Cipher> {
  const salt = Buffer.from(encryptionsalt.split(":")[1] ?? "", "base64");
  const key = await promisify(pbkdf2)(passphrase, salt, 1_000_000, 32, "sha256");

  function decrypt(text: string): string {
    const [, nonce = "", body = ""] = text.split(":");
    const bytes = Buffer.from(body, "base64");
    const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64"));
    decipher.setAuthTag(bytes.subarray(-TAG_LENGTH));
    return Buffer.concat([decipher.update(bytes.subarray(0, -TAG_LENGTH)), decipher.final()]).toString();
  }

  function open(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(open);
    if (typeof value !== "object" || value === null) return value;
    const { [SIGNATURE]: signature, ciphertext } = value as Record<string, unknown>;
    if (signature === SECRET && typeof ciphertext === "string") {
      return { [SIGNATURE]: SECRET, value: open(JSON.parse(decrypt(ciphertext))) };
    }
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, open(inner)]));
  }

  return {
    encryptionsalt,
    encrypt(text) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", key, nonce);
      const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
      return `v1:${nonce.toString("base64")}:${body.toString("base64")}`;
    },
    open,
  };
}
