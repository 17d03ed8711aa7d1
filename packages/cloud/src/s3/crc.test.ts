import { crc32 } from "node:zlib";
import { expect, test } from "vitest";
import { combineCrc, crc32c, crc64nvme } from "./crc.ts";

const check = Buffer.from("123456789");

test.each([
  ["CRC-32C", crc32c, "e3069283"],
  ["CRC-64/NVME", crc64nvme, "ae8b14860a799888"],
] as const)("%s of the standard's check value", (_name, start, expected) => {
  const whole = start();
  whole.update(check);
  expect(whole.digest().toString("hex")).toBe(expected);
});

test.each([
  ["CRC32C", crc32c],
  ["CRC64NVME", crc64nvme],
] as const)("%s is the same in pieces, and joined from parts", (name, start) => {
  const bytes = Buffer.from(Array.from({ length: 1000 }, (_, index) => (index * 31) & 255));
  const of = (...pieces: Uint8Array[]) => {
    const running = start();
    for (const piece of pieces) running.update(piece);
    return running.digest();
  };
  const whole = of(bytes);
  for (const cut of [1, 7, 8, 333, 999]) {
    const [first, second] = [bytes.subarray(0, cut), bytes.subarray(cut)];
    expect(of(first, second)).toEqual(whole);
    expect(combineCrc(name, of(first), of(second), second.length)).toEqual(whole);
  }
});

test("CRC32 joins from parts", () => {
  const of = (bytes: Uint8Array) => {
    const out = Buffer.alloc(4);
    out.writeUInt32BE(crc32(bytes));
    return out;
  };
  expect(combineCrc("CRC32", of(check.subarray(0, 4)), of(check.subarray(4)), 5)).toEqual(of(check));
});
