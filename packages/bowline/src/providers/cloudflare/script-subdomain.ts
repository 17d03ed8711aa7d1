import type { ResourceHandler } from "@bowline/engine";
import type {
  WorkersScriptSubdomainArgs,
  WorkersScriptSubdomainState,
} from "@pulumi/cloudflare/workersScriptSubdomain.js";
import type { WorkersClient } from "../../workers/access.ts";
import type { ScriptObject } from "../../workers/objects.ts";
import { resource } from "../resource.ts";
import type { CloudflareProviderOptions } from "./options.ts";

/** Whether a Worker has a public URL; here it answers on a port of its own, which is asked for apart from this. */
export function scriptSubdomain(
  workers: WorkersClient,
  { workers: { endpoint } }: CloudflareProviderOptions,
): ResourceHandler {
  return resource<WorkersScriptSubdomainArgs, WorkersScriptSubdomainState>(endpoint, {
    required: ["accountId", "scriptName", "enabled"],
    replaceOn: ["accountId", "scriptName"],
    deleteBeforeReplace: true,
    create: async ({ scriptName }) => scriptName,
    find: ({ scriptName }) => scriptName,
    async describe(id, { enabled, previewsEnabled }) {
      const found = await workers.get<ScriptObject>("script", id);
      return found && { scriptName: id, enabled, previewsEnabled: previewsEnabled ?? false };
    },
    update: async () => undefined,
    delete: async () => undefined,
  });
}
