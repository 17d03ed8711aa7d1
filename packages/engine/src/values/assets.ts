/** Assets and archives: identified by the hash of their content, and read back for the handlers that deploy them. */

import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { isAbsolute, join, resolve } from "node:path";
import { type Properties, type PropertyValue, UNKNOWN } from "../provider.ts";
import { tarBlocks } from "./tar.ts";
import {
  ARCHIVE,
  ASSET,
  getProperty,
  isArray,
  isObject,
  mapProperties,
  OUTPUT,
  REFERENCE,
  SECRET,
  SIGNATURE,
  secret,
} from "./wire.ts";

/**
 * Brings inputs to the form that state keeps: output values become what they hold, and assets carry the hash of
 * their content, so that a changed file is a changed input whatever its path.
 */
export async function settleInputs(inputs: Properties, cwd: string): Promise<Properties> {
  if (!needsSettling(inputs)) return inputs;
  return settleProperties(inputs, cwd);
}

function needsSettling(value: PropertyValue): boolean {
  if (isArray(value)) return value.some(needsSettling);
  if (!isObject(value)) return false;
  const signature = value[SIGNATURE];
  if (signature === OUTPUT || signature === ASSET || signature === ARCHIVE) return true;
  if (signature === REFERENCE) return false;
  return Object.values(value).some(needsSettling);
}

async function settleProperties(properties: Properties, cwd: string): Promise<Properties> {
  const settled = new Map<string, PropertyValue>();
  await Promise.all(
    Object.entries(properties).map(async ([key, value]) => settled.set(key, await settle(value, cwd))),
  );
  return mapProperties(properties, (_value, key) => settled.get(key));
}

async function settle(value: PropertyValue, cwd: string): Promise<PropertyValue> {
  if (isArray(value)) return Promise.all(value.map((element) => settle(element, cwd)));
  if (!isObject(value)) return value;
  switch (value[SIGNATURE]) {
    case SECRET:
      return secret(await settle(value.value ?? null, cwd));
    case OUTPUT: {
      const inner = value.value === undefined ? UNKNOWN : await settle(value.value, cwd);
      return value.secret === true ? secret(inner) : inner;
    }
    case ASSET:
      return {
        [SIGNATURE]: ASSET,
        ...only(value, ["text", "path", "uri"]),
        hash: await contentHash(value, cwd),
      };
    case ARCHIVE: {
      const assets = getProperty(value, "assets");
      return {
        [SIGNATURE]: ARCHIVE,
        ...only(value, ["path", "uri"]),
        ...(isObject(assets) ? { assets: await settleProperties(assets, cwd) } : {}),
        hash: await contentHash(value, cwd),
      };
    }
  }
  return settleProperties(value, cwd);
}

/** The SDK leaves marks of its own on what it sends. */
function only(value: Properties, keys: readonly string[]): Properties {
  return mapProperties(value, (inner, key) => (keys.includes(key) ? inner : undefined));
}

async function contentHash(value: Properties, cwd: string): Promise<string> {
  if (value[SIGNATURE] === ASSET) return sha256(await assetContent(value, cwd));
  const path = textOf(value, "path");
  if (path !== undefined && !(await statAt(locate(path, cwd), "archive")).isDirectory()) {
    return sha256(await readAt(path, cwd, "archive"));
  }
  const hash = createHash("sha256");
  for (const block of tarBlocks(await archiveEntries(value, cwd))) hash.update(block);
  return hash.digest("hex");
}

async function assetContent(asset: Properties, cwd: string): Promise<Uint8Array> {
  const text = textOf(asset, "text");
  if (text !== undefined) return Buffer.from(text);
  const path = textOf(asset, "path");
  if (path !== undefined) return readAt(path, cwd, "asset");
  const uri = textOf(asset, "uri");
  if (uri !== undefined) return download(uri);
  return new Uint8Array();
}

/**
 * The content of a `FileArchive`, `AssetArchive`, `FileAsset` or `StringAsset` as a provider handler receives it, by
 * path. A single asset is one entry named by its file, or `""` for text. A zipped or tarred archive is one entry, too:
 * its bytes under its file name.
 */
export async function archiveEntries(value: unknown, cwd: string): Promise<Map<string, Uint8Array>> {
  const entries = new Map<string, Uint8Array>();
  if (!isObject(value)) throw new Error("expected an asset or an archive");
  await collect(value, cwd, "", entries);
  return entries;
}

async function collect(
  value: Properties,
  cwd: string,
  prefix: string,
  into: Map<string, Uint8Array>,
): Promise<void> {
  if (value[SIGNATURE] === ASSET) {
    const path = textOf(value, "path");
    const name = prefix !== "" ? prefix : path === undefined ? "" : path.slice(path.lastIndexOf("/") + 1);
    into.set(name, await assetContent(value, cwd));
    return;
  }
  if (value[SIGNATURE] !== ARCHIVE) throw new Error("expected an asset or an archive");
  const assets = getProperty(value, "assets");
  if (isObject(assets)) {
    for (const [name, inner] of Object.entries(assets).sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (isObject(inner)) await collect(inner, cwd, prefix === "" ? name : `${prefix}/${name}`, into);
    }
    return;
  }
  const path = textOf(value, "path");
  if (path !== undefined) {
    const place = locate(path, cwd);
    if ((await statAt(place, "archive")).isDirectory()) return collectDirectory(place, prefix, into);
    into.set(
      prefix === "" ? path.slice(path.lastIndexOf("/") + 1) : prefix,
      await readAt(path, cwd, "archive"),
    );
    return;
  }
  const uri = textOf(value, "uri");
  if (uri !== undefined) into.set(prefix === "" ? uri : prefix, await download(uri));
}

async function collectDirectory(
  directory: string,
  prefix: string,
  into: Map<string, Uint8Array>,
): Promise<void> {
  const children = await readdir(directory, { withFileTypes: true });
  for (const child of children.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const place = join(directory, child.name);
    const name = prefix === "" ? child.name : `${prefix}/${child.name}`;
    const isDirectory = child.isSymbolicLink() ? (await stat(place)).isDirectory() : child.isDirectory();
    if (isDirectory) await collectDirectory(place, name, into);
    else into.set(name, await readFile(place));
  }
}

function textOf(value: Properties, key: string): string | undefined {
  const text = getProperty(value, key);
  return typeof text === "string" ? text : undefined;
}

function locate(path: string, cwd: string): string {
  return isAbsolute(path) ? path : resolve(cwd, path);
}

async function statAt(place: string, what: string) {
  try {
    return await stat(place);
  } catch (error) {
    throw new Error(
      `the ${what} ${place} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

async function readAt(path: string, cwd: string, what: string): Promise<Uint8Array> {
  const place = locate(path, cwd);
  try {
    return await readFile(place);
  } catch (error) {
    throw new Error(
      `the ${what} ${place} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

async function download(uri: string): Promise<Uint8Array> {
  const response = await fetch(uri);
  if (!response.ok) throw new Error(`${uri} answered ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

function sha256(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
