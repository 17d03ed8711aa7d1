/** Function packages on disk: unpacked once per content, shared by every environment that runs them. */
import { createHash, randomUUID } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { chmod, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { type Unzipped, unzip } from "fflate";
import { AwsError } from "../error.ts";

/** Lambda's limit on an unpacked package. */
const UNPACKED_LIMIT = 262_144_000;

export interface StoredCode {
  /** SHA-256, hex. */
  readonly hash: string;
  readonly size: number;
}

export interface CodeStore {
  /** Keeps a zip and unpacks it, unless the same bytes are there already. */
  put(zip: Uint8Array): Promise<StoredCode>;
  /** The folder the package is unpacked in. */
  folder(hash: string): string;
  zip(hash: string): Promise<Buffer>;
  /** Removes packages that nothing refers to any more. */
  sweep(inUse: ReadonlySet<string>): Promise<void>;
}

export function openCodeStore(root: string): CodeStore {
  const folder = (hash: string) => join(root, hash);
  const zipPath = (hash: string) => join(root, `${hash}.zip`);
  const underway = new Map<string, Promise<StoredCode>>();

  async function store(zip: Uint8Array, hash: string): Promise<StoredCode> {
    const stored = { hash, size: zip.length };
    if (existsSync(folder(hash)) && existsSync(zipPath(hash))) return stored;
    const temporary = join(root, `.${randomUUID()}`);
    try {
      await unpack(zip, temporary);
      await writeFile(`${temporary}.zip`, zip);
      await rename(`${temporary}.zip`, zipPath(hash));
      // The folder's name appears only when it is whole.
      await rename(temporary, folder(hash)).catch((error) => {
        if (!existsSync(folder(hash))) throw error;
      });
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
    return stored;
  }

  return {
    put(zip) {
      const hash = createHash("sha256").update(zip).digest("hex");
      const storing = underway.get(hash) ?? store(zip, hash).finally(() => underway.delete(hash));
      underway.set(hash, storing);
      return storing;
    },
    folder,
    zip: (hash) => readFile(zipPath(hash)),
    async sweep(inUse) {
      for (const entry of readdirSync(root)) {
        const hash = entry.replace(/\.zip$/, "");
        if (!inUse.has(hash)) await rm(join(root, entry), { recursive: true, force: true });
      }
    },
  };
}

async function unpack(zip: Uint8Array, target: string): Promise<void> {
  const files = await readZip(zip);
  const inside = resolve(target) + sep;
  const folders = new Set<string>([target]);
  const wanted: [path: string, content: Uint8Array][] = [];
  for (const [name, content] of Object.entries(files)) {
    const path = resolve(target, name.replaceAll("\\", "/"));
    if (!`${path}${sep}`.startsWith(inside) || name.includes("\0")) {
      throw badZip(`the entry “${name}” would be unpacked outside the function's folder`);
    }
    if (name.endsWith("/")) folders.add(path);
    else {
      folders.add(dirname(path));
      wanted.push([path, content]);
    }
  }
  for (const path of folders) await mkdir(path, { recursive: true });
  await Promise.all(
    wanted.map(async ([path, content]) => {
      await writeFile(path, content);
      // fflate does not tell the permissions a zip carries, and programs in it must stay executable.
      await chmod(path, 0o755);
    }),
  );
}

function readZip(zip: Uint8Array): Promise<Unzipped> {
  let total = 0;
  return new Promise((done, failed) => {
    const filter = ({ originalSize }: { originalSize: number }) => {
      total += originalSize;
      return total <= UNPACKED_LIMIT;
    };
    unzip(zip, { filter }, (error, files) => {
      if (error) failed(badZip(error.message));
      else if (total > UNPACKED_LIMIT) {
        failed(
          new AwsError(
            "InvalidParameterValueException",
            `Unzipped size must be smaller than ${UNPACKED_LIMIT} bytes`,
          ),
        );
      } else done(files);
    });
  });
}

function badZip(reason: string): AwsError {
  return new AwsError(
    "InvalidParameterValueException",
    `Could not unzip uploaded file. Please check your file, then try to upload again. (${reason})`,
  );
}
