import { expect, test } from "vitest";
import { withoutFrames } from "./body.ts";

const SENT = "4;chunk-signature=ab\r\nrope\r\nc\r\n, and \r\nsail\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n";

async function read(text: string, size: number): Promise<string> {
  const data = new TextEncoder().encode(text);
  const pieces = Array.from({ length: Math.ceil(data.length / size) }, (_, i) =>
    data.subarray(i * size, (i + 1) * size),
  );
  return new Response(ReadableStream.from(pieces).pipeThrough(withoutFrames())).text();
}

test.each([1, 2, 3, 7, 1000])("chunks are read whole, in pieces of %i bytes", async (size) => {
  expect(await read(SENT, size)).toBe("rope, and \r\nsail");
});

test("what ends early, or has no length, is refused", async () => {
  await expect(read(SENT.slice(0, 20), 8)).rejects.toThrow("ends too early");
  await expect(read("rope\r\n", 8)).rejects.toThrow("no length");
});
