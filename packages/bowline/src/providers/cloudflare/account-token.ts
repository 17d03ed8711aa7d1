import { randomBytes } from "node:crypto";
import type { ResourceHandler } from "@bowline/engine";
import type { AccountTokenArgs, AccountTokenState } from "@pulumi/cloudflare/accountToken.js";
import type { WorkersClient } from "../../workers/access.ts";
import type { TokenObject } from "../../workers/objects.ts";
import type { Inputs } from "../plain.ts";
import { resource } from "../resource.ts";
import type { CloudflareProviderOptions } from "./options.ts";
import { idOf } from "./stores.ts";

/** `com.cloudflare.edge.r2.bucket.<account>_<jurisdiction>_<bucket>`. */
const R2_BUCKET = /^com\.cloudflare\.edge\.r2\.bucket\.[^_]+_[^_]+_(.+)$/;

/** A token for buckets; on this machine nothing else asks for one. */
export function accountToken(
  workers: WorkersClient,
  { workers: { endpoint } }: CloudflareProviderOptions,
): ResourceHandler {
  const put = (id: string, value: string, inputs: Inputs<AccountTokenArgs>) =>
    workers.put("token", id, { id, value, buckets: bucketsOf(inputs) } satisfies TokenObject);
  return resource<AccountTokenArgs, AccountTokenState>(endpoint, {
    required: ["accountId", "name", "policies"],
    replaceOn: ["accountId"],
    deleteBeforeReplace: true,
    secretOutputs: ["value"],
    recorded: ["condition", "expiresOn", "notBefore", "status"],
    find: ({ name }) => idOf("token", name),
    async create(inputs) {
      const id = idOf("token", inputs.name);
      const found = await workers.get<TokenObject>("token", id);
      await put(id, found?.value ?? randomBytes(30).toString("base64url"), inputs);
      return id;
    },
    async describe(id) {
      const found = await workers.get<TokenObject>("token", id);
      return found && { value: found.value, status: "active" };
    },
    async update(id, inputs) {
      const found = await workers.get<TokenObject>("token", id);
      if (found) await put(id, found.value, inputs);
    },
    delete: (id) => workers.delete("token", id),
  });
}

function bucketsOf({ policies }: Inputs<AccountTokenArgs>): string[] {
  return policies
    .filter(({ effect }) => effect === "allow")
    .flatMap(({ resources }) => Object.keys(JSON.parse(resources) as object))
    .flatMap((name) => R2_BUCKET.exec(name)?.[1] ?? []);
}
