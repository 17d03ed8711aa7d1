/** RSA signatures over a digest made elsewhere: the paddings are laid here, the arithmetic is `node:crypto`'s. */
import {
  constants,
  createHash,
  type KeyObject,
  privateEncrypt,
  publicDecrypt,
  randomBytes,
  timingSafeEqual,
} from "node:crypto";

/** What stands before a digest in PKCS #1 v1.5: its algorithm, in DER. */
const digestPrefix: Readonly<Record<string, string>> = {
  sha256: "3031300d060960864801650304020105000420",
  sha384: "3041300d060960864801650304020205000430",
  sha512: "3051300d060960864801650304020305000440",
};

function mask(hash: string, seed: Uint8Array, length: number): Buffer {
  const blocks: Buffer[] = [];
  const counter = Buffer.alloc(4);
  for (let size = 0; size < length; size += blocks.at(-1)?.length ?? length) {
    counter.writeUInt32BE(blocks.length);
    blocks.push(createHash(hash).update(seed).update(counter).digest());
  }
  return Buffer.concat(blocks).subarray(0, length);
}

function xor(left: Uint8Array, right: Uint8Array): Buffer {
  return Buffer.from(left.map((byte, index) => byte ^ (right[index] ?? 0)));
}

const hashWithSalt = (hash: string, digest: Uint8Array, salt: Uint8Array) =>
  createHash(hash).update(Buffer.alloc(8)).update(digest).update(salt).digest();

/** EMSA-PSS with a salt as long as the hash; the modulus has a whole number of bytes. */
function padPss(hash: string, digest: Uint8Array, length: number): Buffer {
  const salt = randomBytes(digest.length);
  const sum = hashWithSalt(hash, digest, salt);
  const room = length - sum.length - 1;
  const data = Buffer.concat([Buffer.alloc(room - salt.length - 1), Buffer.from([1]), salt]);
  const masked = xor(data, mask(hash, sum, room));
  masked[0] = (masked[0] ?? 0) & 0x7f;
  return Buffer.concat([masked, sum, Buffer.from([0xbc])]);
}

function matchesPss(hash: string, digest: Uint8Array, padded: Buffer): boolean {
  const room = padded.length - digest.length - 1;
  if (room < digest.length + 1 || padded.at(-1) !== 0xbc || (padded[0] ?? 0) & 0x80) return false;
  const sum = padded.subarray(room, room + digest.length);
  const data = xor(padded.subarray(0, room), mask(hash, sum, room));
  data[0] = (data[0] ?? 0) & 0x7f;
  const zeros = room - digest.length - 1;
  if (data.subarray(0, zeros).some((byte) => byte !== 0) || data[zeros] !== 1) return false;
  return timingSafeEqual(sum, hashWithSalt(hash, digest, data.subarray(zeros + 1)));
}

function sizeOf(key: KeyObject): number {
  return (key.asymmetricKeyDetails?.modulusLength ?? 0) / 8;
}

export function signDigest(
  padding: "PSS" | "PKCS1_V1_5",
  hash: string,
  privateKey: KeyObject,
  digest: Uint8Array,
): Buffer {
  if (padding === "PKCS1_V1_5") {
    const info = Buffer.concat([Buffer.from(digestPrefix[hash] ?? "", "hex"), digest]);
    return privateEncrypt({ key: privateKey, padding: constants.RSA_PKCS1_PADDING }, info);
  }
  return privateEncrypt(
    { key: privateKey, padding: constants.RSA_NO_PADDING },
    padPss(hash, digest, sizeOf(privateKey)),
  );
}

export function verifyDigest(
  padding: "PSS" | "PKCS1_V1_5",
  hash: string,
  publicKey: KeyObject,
  digest: Uint8Array,
  signature: Uint8Array,
): boolean {
  try {
    if (padding === "PSS") {
      const padded = publicDecrypt({ key: publicKey, padding: constants.RSA_NO_PADDING }, signature);
      return matchesPss(hash, digest, padded);
    }
    const info = publicDecrypt({ key: publicKey, padding: constants.RSA_PKCS1_PADDING }, signature);
    const wanted = Buffer.concat([Buffer.from(digestPrefix[hash] ?? "", "hex"), digest]);
    return info.equals(wanted);
  } catch {
    return false;
  }
}
