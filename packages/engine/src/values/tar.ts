/**
 * A tar as Go writes it, with neither owners nor times: Pulumi identifies an archive by the SHA-256 of this form, and a
 * state that changes engines should not make every function look changed.
 */

const BLOCK = 512;
const NAME = 100;
const PREFIX = 155;

/** The blocks of a tar with these files, in this order. */
export function* tarBlocks(
  files: Iterable<readonly [name: string, content: Uint8Array]>,
): Generator<Uint8Array> {
  for (const [name, content] of files) {
    yield header(name, content.length);
    yield content;
    const rest = content.length % BLOCK;
    if (rest > 0) yield new Uint8Array(BLOCK - rest);
  }
  yield new Uint8Array(2 * BLOCK);
}

function header(path: string, size: number): Uint8Array {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, offset: number, length: number) =>
    block.write(value.toString(8).padStart(length - 1, "0"), offset, "latin1");
  const { name, prefix } = split(path);
  block.write(name, 0, NAME);
  octal(0o600, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(0, 136, 12);
  block.write("        ", 148, "latin1");
  block.write("0", 156, "latin1");
  block.write("ustar\u000000", 257, "latin1");
  octal(0, 329, 8);
  octal(0, 337, 8);
  block.write(prefix, 345, PREFIX);
  const sum = block.reduce((total, byte) => total + byte, 0);
  octal(sum, 148, 7);
  block[154] = 0;
  return block;
}

/** A long name goes into two fields, parted at a slash. What fits neither way is cut: it only feeds a hash. */
function split(path: string): { name: string; prefix: string } {
  if (Buffer.byteLength(path) <= NAME) return { name: path, prefix: "" };
  const at = path.slice(0, PREFIX + 1).lastIndexOf("/");
  return at > 0 ? { name: path.slice(at + 1), prefix: path.slice(0, at) } : { name: path, prefix: "" };
}
