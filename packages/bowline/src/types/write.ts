import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { TypedConsumer, TypesInput } from "./input.ts";
import { pythonResources, pythonResourcesFile } from "./python-resources.ts";
import { pythonStubs } from "./python-stub.ts";
import { mergeShapes, type ObjectShape } from "./shape.ts";
import { typescriptTypes } from "./typescript.ts";

/**
 * Every generated file of an app, by its path from the app's folder.
 * @param packageOf The folder of the package that a handler's folder is in; empty for the app's own.
 */
export function typeFiles(
  input: TypesInput,
  packageOf: (handlerDir: string) => string = () => "",
): Map<string, string> {
  const files = new Map([[TYPESCRIPT, typescriptTypes(input)]]);
  const python = input.consumers.filter(isPython);
  const others = input.consumers.filter((consumer) => !isPython(consumer));
  for (const [folder, own] of Map.groupBy(others, ({ handlerDir }) => packageOf(handlerDir))) {
    if (folder) files.set(join(folder, TYPESCRIPT), typescriptTypes(input, new Set(own), folder));
  }
  if (python.length === 0) return files;
  for (const [path, text] of Object.entries(pythonStubs(input))) files.set(path, text);
  for (const [path, consumers] of Map.groupBy(python, modulePath)) {
    files.set(path, pythonResources(union(consumers), consumers[0]?.dialect ?? "bowline"));
  }
  return files;
}

const TYPESCRIPT = "bowline-env.d.ts";

function isPython({ runtime }: TypedConsumer): boolean {
  return runtime.startsWith("python");
}

/** Where the typed module is that a handler imports. */
function modulePath({ handlerDir, dialect = "bowline" }: TypedConsumer): string {
  return join(handlerDir, pythonResourcesFile(dialect));
}

/** One file beside several handlers has what any of them is linked to; each package has its own function's. */
function union(consumers: readonly TypedConsumer[]): Pick<TypedConsumer, "name" | "links"> {
  const links: Record<string, TypedConsumer["links"][string]> = {};
  for (const consumer of consumers) {
    for (const [name, link] of Object.entries(consumer.links)) {
      const before = links[name];
      links[name] = before
        ? { ...link, shape: mergeShapes([before.shape, link.shape]) as ObjectShape }
        : link;
    }
  }
  return { name: consumers.map(({ name }) => name).join(", "), links };
}

/** The files that are missing or differ. */
export async function outdatedFiles(root: string, files: ReadonlyMap<string, string>): Promise<string[]> {
  const outdated: string[] = [];
  for (const [path, text] of files) {
    const present = await readFile(join(root, path), "utf8").catch(() => undefined);
    if (present !== text) outdated.push(path);
  }
  return outdated;
}

/** Writes what is missing or differs, so that editors are not disturbed by what stays the same. */
export async function writeTypeFiles(root: string, files: ReadonlyMap<string, string>): Promise<string[]> {
  const outdated = await outdatedFiles(root, files);
  for (const path of outdated) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), files.get(path) ?? "");
  }
  return outdated;
}
