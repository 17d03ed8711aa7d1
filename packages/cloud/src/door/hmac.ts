/** HMAC-SHA256 of short texts under a key that is used again and again, as signatures need it. */
import { hash } from "node:crypto";

/** The HMAC of a text, in hex. */
export type Hmac = (text: string) => string;

const block = 64;

/**
 * Node's own `createHmac` makes a stream for each text, which costs three times the hashing. This keeps the two
 * padded keys in buffers and hashes in one go.
 *
 * @example
 * hmacSha256(Buffer.from("key"))("The quick brown fox") // "1d4f…"
 */
export function hmacSha256(key: Buffer): Hmac {
  const short = key.length > block ? Buffer.from(hash("sha256", key), "hex") : key;
  let inner = Buffer.alloc(1024);
  const outer = Buffer.alloc(block + 32);
  for (let i = 0; i < block; i++) {
    const byte = short[i] ?? 0;
    inner[i] = byte ^ 0x36;
    outer[i] = byte ^ 0x5c;
  }
  return (text) => {
    const length = block + Buffer.byteLength(text);
    if (length > inner.length) inner = Buffer.concat([inner.subarray(0, block)], length * 2);
    inner.write(text, block);
    outer.write(hash("sha256", inner.subarray(0, length)), block, "hex");
    return hash("sha256", outer);
  };
}
