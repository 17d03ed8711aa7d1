/**
 * ECDSA over a digest made elsewhere, which `node:crypto` does not offer: it signs messages only. Points are
 * multiplied by its ECDH where a secret is involved; what is done in integers here sees public values.
 */
import { createECDH, type KeyObject, randomBytes } from "node:crypto";

interface Curve {
  /** As `createECDH` calls it. */
  readonly name: string;
  /** The bytes of a coordinate. */
  readonly size: number;
  readonly p: bigint;
  readonly a: bigint;
  /** The order of the base point. */
  readonly n: bigint;
}

const power = (exponent: number) => 1n << BigInt(exponent);
const p256 = power(256) - power(224) + power(192) + power(96) - 1n;
const p384 = power(384) - power(128) - power(96) + power(32) - 1n;
const p521 = power(521) - 1n;

const curves: Readonly<Record<string, Curve>> = {
  "P-256": {
    name: "prime256v1",
    size: 32,
    p: p256,
    a: p256 - 3n,
    n: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  },
  "P-384": {
    name: "secp384r1",
    size: 48,
    p: p384,
    a: p384 - 3n,
    n: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  },
  "P-521": {
    name: "secp521r1",
    size: 66,
    p: p521,
    a: p521 - 3n,
    n: 0x01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
  },
  secp256k1: {
    name: "secp256k1",
    size: 32,
    p: power(256) - power(32) - 977n,
    a: 0n,
    n: 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n,
  },
};

type Point = readonly [x: bigint, y: bigint] | undefined;

const modulo = (value: bigint, modulus: bigint) => ((value % modulus) + modulus) % modulus;
const integer = (bytes: Uint8Array) => BigInt(`0x${Buffer.from(bytes).toString("hex") || "0"}`);

function inverse(value: bigint, modulus: bigint): bigint {
  let [oldRest, rest] = [modulo(value, modulus), modulus];
  let [old, factor] = [1n, 0n];
  while (rest !== 0n) {
    const quotient = oldRest / rest;
    [oldRest, rest] = [rest, oldRest - quotient * rest];
    [old, factor] = [factor, old - quotient * factor];
  }
  return modulo(old, modulus);
}

function add({ p, a }: Curve, left: Point, right: Point): Point {
  if (!left) return right;
  if (!right) return left;
  const [x1, y1] = left;
  const [x2, y2] = right;
  if (x1 === x2 && modulo(y1 + y2, p) === 0n) return undefined;
  const slope = x1 === x2 ? (3n * x1 * x1 + a) * inverse(2n * y1, p) : (y2 - y1) * inverse(x2 - x1, p);
  const x = modulo(slope * slope - x1 - x2, p);
  return [x, modulo(slope * (x1 - x) - y1, p)];
}

function multiply(curve: Curve, point: Point, factor: bigint): Point {
  let sum: Point;
  let doubled = point;
  for (let rest = factor; rest > 0n; rest >>= 1n) {
    if (rest & 1n) sum = add(curve, sum, doubled);
    doubled = add(curve, doubled, doubled);
  }
  return sum;
}

/** The base point times a factor. */
function multiplyBase({ name, size, n }: Curve, factor: bigint): Point {
  if (modulo(factor, n) === 0n) return undefined;
  const ecdh = createECDH(name);
  ecdh.setPrivateKey(Buffer.from(factor.toString(16).padStart(size * 2, "0"), "hex"));
  const bytes = ecdh.getPublicKey();
  return [integer(bytes.subarray(1, 1 + size)), integer(bytes.subarray(1 + size))];
}

/** The leftmost bits of a digest, as many as the order has. */
function reduced(digest: Uint8Array, { n }: Curve): bigint {
  const excess = digest.length * 8 - n.toString(2).length;
  return excess > 0 ? integer(digest) >> BigInt(excess) : integer(digest);
}

interface Jwk {
  readonly curve: Curve;
  readonly d: bigint;
  readonly point: Point;
}

function readKey(key: KeyObject): Jwk {
  const { crv = "", x = "", y = "", d = "" } = key.export({ format: "jwk" });
  const curve = curves[crv];
  if (!curve) throw new Error(`There is no curve ${crv}.`);
  const number = (text: string) => integer(Buffer.from(text, "base64url"));
  return { curve, d: number(d), point: [number(x), number(y)] };
}

function derInteger(value: bigint): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
  const padded = (bytes[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;
  return Buffer.concat([Buffer.from([0x02, padded.length]), padded]);
}

/** A signature in DER. */
export function signDigest(privateKey: KeyObject, digest: Uint8Array): Buffer {
  const { curve, d } = readKey(privateKey);
  const { n, size } = curve;
  const z = reduced(digest, curve);
  for (;;) {
    // Eight bytes more than the order has make the remainder even enough.
    const k = (integer(randomBytes(size + 8)) % (n - 1n)) + 1n;
    const r = modulo(multiplyBase(curve, k)?.[0] ?? 0n, n);
    const s = modulo(inverse(k, n) * (z + r * d), n);
    if (r === 0n || s === 0n) continue;
    const body = Buffer.concat([derInteger(r), derInteger(s)]);
    const length = body.length < 0x80 ? [body.length] : [0x81, body.length];
    return Buffer.concat([Buffer.from([0x30, ...length]), body]);
  }
}

/** The two integers of a signature in DER; undefined when it is none. */
function readSignature(der: Uint8Array): readonly [bigint, bigint] | undefined {
  const long = der[1] === 0x81;
  let at = long ? 3 : 2;
  if (der[0] !== 0x30 || (long ? der[2] : der[1]) !== der.length - at) return undefined;
  const take = (): bigint | undefined => {
    const length = der[at + 1] ?? 0;
    if (der[at] !== 0x02 || length === 0 || at + 2 + length > der.length) return undefined;
    const bytes = der.subarray(at + 2, at + 2 + length);
    at += 2 + length;
    return (bytes[0] ?? 0) & 0x80 ? undefined : integer(bytes);
  };
  const r = take();
  const s = r === undefined ? undefined : take();
  return r === undefined || s === undefined || at !== der.length ? undefined : [r, s];
}

export function verifyDigest(publicKey: KeyObject, digest: Uint8Array, signature: Uint8Array): boolean {
  const { curve, point } = readKey(publicKey);
  const { n } = curve;
  const [r, s] = readSignature(signature) ?? [0n, 0n];
  if (r < 1n || s < 1n || r >= n || s >= n) return false;
  const w = inverse(s, n);
  const base = multiplyBase(curve, modulo(reduced(digest, curve) * w, n));
  const sum = add(curve, base, multiply(curve, point, modulo(r * w, n)));
  return sum !== undefined && modulo(sum[0], n) === r;
}
