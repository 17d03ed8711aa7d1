/** The CRCs that Node does not bring: CRC-32C and CRC-64/NVME, eight bytes a step. */

/** The reflected polynomials and widths of the three CRCs of S3. */
export const polynomials = {
  CRC32: { bits: 32, reflected: 0xedb88320n },
  CRC32C: { bits: 32, reflected: 0x82f63b78n },
  CRC64NVME: { bits: 64, reflected: 0x9a6c9329ac4bc9b5n },
} as const;

export type CrcName = keyof typeof polynomials;

/** tables[n][byte]: what a byte contributes to the remainder n steps later. */
function tables(reflected: bigint): { low: Uint32Array; high: Uint32Array } {
  const low = new Uint32Array(8 * 256);
  const high = new Uint32Array(8 * 256);
  const step = (value: bigint) => (value & 1n ? (value >> 1n) ^ reflected : value >> 1n);
  const single: bigint[] = [];
  for (let byte = 0; byte < 256; byte++) {
    let value = BigInt(byte);
    for (let bit = 0; bit < 8; bit++) value = step(value);
    single.push(value);
  }
  for (let byte = 0; byte < 256; byte++) {
    let value = single[byte] ?? 0n;
    for (let n = 0; n < 8; n++) {
      low[n * 256 + byte] = Number(value & 0xffffffffn);
      high[n * 256 + byte] = Number(value >> 32n);
      value = (single[Number(value & 0xffn)] ?? 0n) ^ (value >> 8n);
    }
  }
  return { low, high };
}

// Typed arrays are never read out of bounds below; the accessor tells the compiler so.
const at = (table: Uint32Array, index: number): number => table[index] as number;

export interface Crc {
  update(chunk: Uint8Array): void;
  digest(): Buffer;
}

let castagnoli: Uint32Array | undefined;

export function crc32c(): Crc {
  castagnoli ??= tables(polynomials.CRC32C.reflected).low;
  const table = castagnoli;
  let crc = 0xffffffff;
  return {
    update(chunk) {
      let i = 0;
      for (const end = chunk.length - 7; i < end; i += 8) {
        const word =
          crc ^
          ((chunk[i] as number) |
            ((chunk[i + 1] as number) << 8) |
            ((chunk[i + 2] as number) << 16) |
            ((chunk[i + 3] as number) << 24));
        crc =
          at(table, 1792 + (word & 255)) ^
          at(table, 1536 + ((word >>> 8) & 255)) ^
          at(table, 1280 + ((word >>> 16) & 255)) ^
          at(table, 1024 + (word >>> 24)) ^
          at(table, 768 + (chunk[i + 4] as number)) ^
          at(table, 512 + (chunk[i + 5] as number)) ^
          at(table, 256 + (chunk[i + 6] as number)) ^
          at(table, chunk[i + 7] as number);
      }
      for (; i < chunk.length; i++) crc = at(table, (crc ^ (chunk[i] as number)) & 255) ^ (crc >>> 8);
    },
    digest() {
      const out = Buffer.alloc(4);
      out.writeUInt32BE((crc ^ 0xffffffff) >>> 0);
      return out;
    },
  };
}

let nvme: { low: Uint32Array; high: Uint32Array } | undefined;

export function crc64nvme(): Crc {
  nvme ??= tables(polynomials.CRC64NVME.reflected);
  const { low, high } = nvme;
  let lo = 0xffffffff;
  let hi = 0xffffffff;
  const word = (chunk: Uint8Array, i: number) =>
    (chunk[i] as number) |
    ((chunk[i + 1] as number) << 8) |
    ((chunk[i + 2] as number) << 16) |
    ((chunk[i + 3] as number) << 24);
  return {
    update(chunk) {
      let i = 0;
      for (const end = chunk.length - 7; i < end; i += 8) {
        const a = lo ^ word(chunk, i);
        const b = hi ^ word(chunk, i + 4);
        const i7 = 1792 + (a & 255);
        const i6 = 1536 + ((a >>> 8) & 255);
        const i5 = 1280 + ((a >>> 16) & 255);
        const i4 = 1024 + (a >>> 24);
        const i3 = 768 + (b & 255);
        const i2 = 512 + ((b >>> 8) & 255);
        const i1 = 256 + ((b >>> 16) & 255);
        const i0 = b >>> 24;
        lo =
          at(low, i7) ^
          at(low, i6) ^
          at(low, i5) ^
          at(low, i4) ^
          at(low, i3) ^
          at(low, i2) ^
          at(low, i1) ^
          at(low, i0);
        hi =
          at(high, i7) ^
          at(high, i6) ^
          at(high, i5) ^
          at(high, i4) ^
          at(high, i3) ^
          at(high, i2) ^
          at(high, i1) ^
          at(high, i0);
      }
      for (; i < chunk.length; i++) {
        const index = (lo ^ (chunk[i] as number)) & 255;
        lo = at(low, index) ^ ((lo >>> 8) | (hi << 24));
        hi = at(high, index) ^ (hi >>> 8);
      }
    },
    digest() {
      const out = Buffer.alloc(8);
      out.writeUInt32BE((hi ^ 0xffffffff) >>> 0, 0);
      out.writeUInt32BE((lo ^ 0xffffffff) >>> 0, 4);
      return out;
    },
  };
}

/**
 * The CRC of two byte sequences joined, from the CRCs of each and the length of the second: the first is multiplied
 * by x to the power of the second's bits, modulo the polynomial. This is how a multipart upload gets the checksum
 * of the whole object without reading it again.
 */
export function combineCrc(name: CrcName, first: Buffer, second: Buffer, secondLength: number): Buffer {
  const { bits, reflected } = polynomials[name];
  const one = 1n << BigInt(bits - 1);
  const multiply = (a: bigint, b: bigint) => {
    let product = 0n;
    let factor = b;
    for (let mask = one; mask > 0n; mask >>= 1n) {
      if (a & mask) product ^= factor;
      factor = factor & 1n ? (factor >> 1n) ^ reflected : factor >> 1n;
    }
    return product;
  };
  let power = one >> 8n; // x^8: one byte
  let shift = one;
  for (let length = secondLength; length > 0; length = Math.floor(length / 2)) {
    if (length % 2 === 1) shift = multiply(shift, power);
    power = multiply(power, power);
  }
  const joined =
    multiply(shift, BigInt(`0x${first.toString("hex")}`)) ^ BigInt(`0x${second.toString("hex")}`);
  return Buffer.from(joined.toString(16).padStart(bits / 4, "0"), "hex");
}
