import { createHash, randomUUID } from "node:crypto";
import type { ResourceHandler } from "@bowline/engine";
import type { D1DatabaseArgs, D1DatabaseState } from "@pulumi/cloudflare/d1database.js";
import type { R2BucketArgs, R2BucketState } from "@pulumi/cloudflare/r2bucket.js";
import type {
  WorkersKvNamespaceArgs,
  WorkersKvNamespaceState,
} from "@pulumi/cloudflare/workersKvNamespace.js";
import type { WorkersClient } from "../../workers/access.ts";
import type { StoreObject } from "../../workers/objects.ts";
import { resource } from "../resource.ts";
import type { CloudflareProviderOptions } from "./options.ts";

/** An id of 32 digits, as Cloudflare gives; here it follows from a name that a stage has once. */
export function idOf(kind: string, name: string): string {
  return createHash("sha256").update(`${kind} ${name}`).digest("hex").slice(0, 32);
}

/** Puts one with new data, or leaves the one of that name as it is. */
async function ensure(workers: WorkersClient, kind: "r2" | "kv" | "d1", name: string): Promise<string> {
  const found = await findByName(workers, kind, name);
  if (found) return found.id;
  const data = randomUUID();
  const id = { r2: name, kv: data.replaceAll("-", ""), d1: data }[kind];
  await workers.put(kind, id, { id, name, data } satisfies StoreObject);
  return id;
}

async function findByName(
  workers: WorkersClient,
  kind: "r2" | "kv" | "d1",
  name: string,
): Promise<StoreObject | undefined> {
  return (await workers.list<StoreObject>(kind)).find((store) => store.name === name);
}

export function r2Bucket(
  workers: WorkersClient,
  { workers: { endpoint } }: CloudflareProviderOptions,
): ResourceHandler {
  return resource<R2BucketArgs, R2BucketState>(endpoint, {
    required: ["accountId", "name"],
    replaceOn: ["accountId", "name", "jurisdiction", "location"],
    deleteBeforeReplace: true,
    recorded: ["jurisdiction", "location", "storageClass"],
    find: async ({ name }) => (await findByName(workers, "r2", name))?.id,
    create: ({ name }) => ensure(workers, "r2", name),
    async describe(id) {
      const found = await workers.get<StoreObject>("r2", id);
      return found && { name: found.name, jurisdiction: "default", storageClass: "Standard" };
    },
    update: async () => undefined,
    delete: (id) => workers.delete("r2", id),
    predict: ({ name }) => ({ name }),
  });
}

export function kvNamespace(
  workers: WorkersClient,
  { workers: { endpoint } }: CloudflareProviderOptions,
): ResourceHandler {
  return resource<WorkersKvNamespaceArgs, WorkersKvNamespaceState>(endpoint, {
    required: ["accountId", "title"],
    replaceOn: ["accountId", "title", "jurisdiction"],
    deleteBeforeReplace: true,
    find: async ({ title }) => (await findByName(workers, "kv", title))?.id,
    create: ({ title }) => ensure(workers, "kv", title),
    async describe(id) {
      const found = await workers.get<StoreObject>("kv", id);
      return found && { title: found.name, supportsUrlEncoding: true };
    },
    delete: (id) => workers.delete("kv", id),
  });
}

export function d1Database(
  workers: WorkersClient,
  { workers: { endpoint } }: CloudflareProviderOptions,
): ResourceHandler {
  return resource<D1DatabaseArgs, D1DatabaseState>(endpoint, {
    required: ["accountId", "name"],
    replaceOn: ["accountId", "name", "jurisdiction", "primaryLocationHint"],
    deleteBeforeReplace: true,
    recorded: ["jurisdiction", "primaryLocationHint", "readReplication"],
    find: async ({ name }) => (await findByName(workers, "d1", name))?.id,
    create: ({ name }) => ensure(workers, "d1", name),
    async describe(id) {
      const found = await workers.get<StoreObject>("d1", id);
      return found && { name: found.name, uuid: id, version: "production" };
    },
    update: async () => undefined,
    delete: (id) => workers.delete("d1", id),
  });
}
