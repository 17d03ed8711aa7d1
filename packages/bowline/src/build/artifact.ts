import { createHash, randomBytes } from "node:crypto";
import { access, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { App } from "../config/app.ts";
import { BowlineError } from "../error.ts";
import { PAYLOAD_FILE } from "../link/payload.ts";
import type { SourceModule } from "./check/index.ts";

/** What a function is deployed as. */
export interface Artifact {
  /** The handler within the artifact. */
  readonly handler: string;
  /** Path in the artifact → file on disk. */
  readonly files: Readonly<Record<string, string>>;
  /** The user's sources it was made from, to watch for changes. */
  readonly sources: readonly string[];
  /** The user's own code in it, for the static check. */
  readonly modules: readonly SourceModule[];
}

/** What a build needs to know of the app. */
export type BuildApp = Pick<App, "root" | "artifacts" | "home" | "purpose" | "progress" | "built">;

/** `src/orders.create` → the file without its ending, and the export. */
export function splitHandler(consumer: string, handler: unknown): { module: string; name: string } {
  const match = typeof handler === "string" ? /^(.*[^./].*)\.([^./]+)$/.exec(handler) : undefined;
  if (!match?.[1] || !match[2]) {
    throw new BowlineError("bad-handler", `${consumer}: the handler is ${JSON.stringify(handler)}.`, {
      hint: 'Name the file without its ending, then the function: "src/orders.create".',
    });
  }
  return { module: match[1], name: match[2] };
}

/** Writes files under a folder named by their content; what is there already is not written again. */
export async function storeFiles(
  artifacts: string,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<Record<string, string>> {
  const hash = createHash("sha256");
  for (const [path, content] of [...files].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`${path}\0${content.byteLength}\0`).update(content);
  }
  const folder = join(artifacts, hash.digest("hex").slice(0, 32));
  if (!(await exists(folder))) await writeFolder(folder, files);
  return Object.fromEntries([...files.keys()].map((path) => [path, join(folder, path)]));
}

/** Complete or not there at all, even when two processes write it at once. */
async function writeFolder(folder: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const draft = `${folder}.${randomBytes(4).toString("hex")}.tmp`;
  for (const [path, content] of files) {
    await mkdir(dirname(join(draft, path)), { recursive: true });
    await writeFile(join(draft, path), content);
  }
  try {
    await rename(draft, folder);
  } catch (cause) {
    await rm(draft, { recursive: true, force: true });
    if (!(await exists(folder))) throw cause;
  }
}

/** The encrypted payload as a file. */
export async function storePayload(
  artifacts: string,
  content: Uint8Array,
): Promise<{ name: string; path: string }> {
  const files = await storeFiles(artifacts, new Map([[PAYLOAD_FILE, content]]));
  return { name: PAYLOAD_FILE, path: files[PAYLOAD_FILE] ?? "" };
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
