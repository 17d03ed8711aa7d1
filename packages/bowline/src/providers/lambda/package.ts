/** A function's code, as the service takes it. */
import { archiveEntries } from "@bowline/engine";
import type { Zippable } from "fflate";
import { zipSync } from "fflate";

/** Above this, packing time is worth less than the service's limit on one request (64 MiB, base64 included). */
const COMPRESS_ABOVE = 40 * 1024 * 1024;
/** The earliest time a ZIP can tell: the same files make the same bytes, whenever and wherever they are packed. */
const EPOCH = "1980-01-01T00:00:00";
const READ_AND_EXECUTE = 0o755 << 16;
const UNIX = 3;

export async function packArchive(archive: unknown, cwd: string): Promise<Uint8Array> {
  const entries = await archiveEntries(archive, cwd);
  const packed = isFile(archive) && entries.size === 1 ? [...entries.values()][0] : undefined;
  return packed && isZip(packed) ? packed : packFiles(entries);
}

/** Files as a ZIP, the same bytes for the same files. */
export function packFiles(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const entries = [...files].sort(([a], [b]) => (a < b ? -1 : 1));
  const size = entries.reduce((sum, [, content]) => sum + content.length, 0);
  const level = size > COMPRESS_ABOVE ? 6 : 0;
  const packed: Zippable = Object.create(null);
  for (const [path, content] of entries) {
    packed[path] = [content, { level, mtime: EPOCH, os: UNIX, attrs: READ_AND_EXECUTE }];
  }
  return zipSync(packed);
}

/** A `FileArchive` or a remote one, which may be a ZIP already; an `AssetArchive` is made of parts. */
function isFile(archive: unknown): boolean {
  return typeof archive === "object" && archive !== null && !("assets" in archive);
}

function isZip(content: Uint8Array): boolean {
  return content[0] === 0x50 && content[1] === 0x4b;
}
