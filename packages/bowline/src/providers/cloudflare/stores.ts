import { createHash } from "node:crypto";
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
import type { CloudflareProviderOptions } from "./index.ts";

/** An id of 32 digits, as Cloudflare gives; here it follows from the name, which a stage has once. */
export function idOf(kind: string, name: string): string {
  return createHash("sha256").update(`${kind} ${name}`).digest("hex").slice(0, 32);
}

/** The same as a UUID, which D1 has. */
function uuidOf(name: string): string {
  const hex = idOf("d1", name);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20),
  ].join("-");
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
    find: ({ name }) => name,
    async create({ name }) {
      await workers.put("r2", name, { id: name, name } satisfies StoreObject);
      return name;
    },
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
    find: ({ title }) => idOf("kv", title),
    async create({ title }) {
      const id = idOf("kv", title);
      await workers.put("kv", id, { id, name: title } satisfies StoreObject);
      return id;
    },
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
    find: ({ name }) => uuidOf(name),
    async create({ name }) {
      const id = uuidOf(name);
      await workers.put("d1", id, { id, name } satisfies StoreObject);
      return id;
    },
    async describe(id) {
      const found = await workers.get<StoreObject>("d1", id);
      return found && { name: found.name, uuid: id, version: "production" };
    },
    update: async () => undefined,
    delete: (id) => workers.delete("d1", id),
  });
}
