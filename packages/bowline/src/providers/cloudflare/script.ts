import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { isAbsolute, resolve } from "node:path";
import type { ResourceContext, ResourceHandler } from "@bowline/engine";
import type { WorkersScriptArgs, WorkersScriptState } from "@pulumi/cloudflare/workersScript.js";
import type { WorkersClient } from "../../workers/access.ts";
import type { ScriptBinding, ScriptObject } from "../../workers/objects.ts";
import type { Inputs } from "../plain.ts";
import { resource } from "../resource.ts";
import { classesAfter, leftBehind } from "./classes.ts";
import type { CloudflareProviderOptions } from "./options.ts";

export function script(
  workers: WorkersClient,
  { workers: { endpoint }, cwd }: CloudflareProviderOptions,
): ResourceHandler {
  const absolute = (path: string) => (isAbsolute(path) ? path : resolve(cwd, path));

  async function put(inputs: Inputs<WorkersScriptArgs>, context: ResourceContext): Promise<void> {
    const file = inputs.contentFile === undefined ? undefined : absolute(inputs.contentFile);
    const content = file === undefined ? (inputs.content ?? "") : await readFile(file, "utf8");
    const bindings = (inputs.bindings ?? []) as readonly ScriptBinding[];
    const before = await workers.get<ScriptObject>("script", inputs.scriptName);
    const classes = classesAfter({ scriptName: inputs.scriptName, bindings }, before, inputs.migrations);
    for (const name of leftBehind({ bindings }, classes)) {
      context.log(
        "warning",
        `${context.name}: there are Durable Objects of ${name}, which is no longer declared. Cloudflare will ask what is to become of them: renamedFrom: "${name}", or deletedDurableObjects: ["${name}"].`,
      );
    }
    await workers.put("script", inputs.scriptName, {
      scriptName: inputs.scriptName,
      consumer: context.name,
      content,
      file,
      compatibilityDate: inputs.compatibilityDate ?? "2026-07-01",
      compatibilityFlags: inputs.compatibilityFlags ?? [],
      bindings,
      ...(Object.keys(classes).length > 0 ? { classes } : {}),
      ...(inputs.assets?.directory === undefined
        ? {}
        : {
            assets: {
              directory: absolute(inputs.assets.directory),
              notFoundHandling: inputs.assets.config?.notFoundHandling,
              runWorkerFirst: inputs.assets.config?.runWorkerFirst === true,
            },
          }),
    } satisfies ScriptObject);
  }

  return resource<WorkersScriptArgs, WorkersScriptState>(endpoint, {
    required: ["accountId", "scriptName"],
    replaceOn: ["accountId", "scriptName"],
    deleteBeforeReplace: true,
    recorded: ["limits", "logpush", "placement", "tailConsumers"],
    volatile: ["etag", "modifiedOn", "startupTimeMs"],
    validate: (inputs) => [
      ...(inputs.content === undefined && inputs.contentFile === undefined
        ? [{ property: "content" as const, reason: 'A Worker needs "content" or "contentFile".' }]
        : []),
      ...(inputs.mainModule === undefined
        ? [
            {
              property: "mainModule" as const,
              reason: "On this machine a Worker is a module: name its mainModule.",
            },
          ]
        : []),
    ],
    find: ({ scriptName }) => scriptName,
    async create(inputs, context) {
      await put(inputs, context);
      return inputs.scriptName;
    },
    async describe(id, inputs) {
      const found = await workers.get<ScriptObject>("script", id);
      if (!found) return undefined;
      return {
        scriptName: id,
        etag: createHash("sha256").update(found.content).digest("hex"),
        hasModules: true,
        hasAssets: found.assets !== undefined,
        ...(inputs.migrations === undefined ? {} : { migrationTag: inputs.migrations.newTag }),
      };
    },
    update: (_id, inputs, _old, context) => put(inputs, context),
    delete: (id) => workers.delete("script", id),
    predict: ({ scriptName }) => ({ scriptName }),
  });
}
