/** AWS's binary event-stream framing: headers and payload between lengths and checksums. */
import { crc32 } from "node:zlib";

const STRING_HEADER = 7;

/** One message of an event stream. */
export function encodeEvent(headers: Readonly<Record<string, string>>, payload: Uint8Array): Buffer {
  const parts: Buffer[] = [];
  for (const [name, value] of Object.entries(headers)) {
    const bytes = Buffer.from(value);
    const head = Buffer.alloc(1 + Buffer.byteLength(name) + 3);
    head.writeUInt8(Buffer.byteLength(name), 0);
    head.write(name, 1);
    head.writeUInt8(STRING_HEADER, head.length - 3);
    head.writeUInt16BE(bytes.length, head.length - 2);
    parts.push(head, bytes);
  }
  const header = Buffer.concat(parts);
  const message = Buffer.alloc(16 + header.length + payload.length);
  message.writeUInt32BE(message.length, 0);
  message.writeUInt32BE(header.length, 4);
  message.writeUInt32BE(crc32(message.subarray(0, 8)), 8);
  header.copy(message, 12);
  message.set(payload, 12 + header.length);
  message.writeUInt32BE(crc32(message.subarray(0, -4)), message.length - 4);
  return message;
}
