import type { ResourceHandler } from "@bowline/engine";
import type { QueueConsumerArgs, QueueConsumerState } from "@pulumi/cloudflare/queueConsumer.js";
import type { WorkersClient } from "../../workers/access.ts";
import type { ConsumerObject, QueueObject } from "../../workers/objects.ts";
import type { Inputs } from "../plain.ts";
import { resource } from "../resource.ts";
import type { CloudflareProviderOptions } from "./options.ts";
import { idOf } from "./stores.ts";

export function queueConsumer(
  workers: WorkersClient,
  { workers: { endpoint } }: CloudflareProviderOptions,
): ResourceHandler {
  const idFor = (inputs: Inputs<QueueConsumerArgs>) =>
    idOf("consumer", `${inputs.queueId} ${inputs.scriptName}`);
  const put = (
    id: string,
    { queueId, scriptName = "", deadLetterQueue, settings }: Inputs<QueueConsumerArgs>,
  ) =>
    workers.put("consumer", id, {
      id,
      queueId,
      scriptName,
      deadLetterQueue,
      batchSize: settings?.batchSize,
      maxRetries: settings?.maxRetries,
      maxWaitTimeMs: settings?.maxWaitTimeMs,
    } satisfies ConsumerObject);
  return resource<QueueConsumerArgs, QueueConsumerState>(endpoint, {
    required: ["accountId", "queueId", "type"],
    replaceOn: ["accountId", "queueId", "scriptName"],
    deleteBeforeReplace: true,
    validate: ({ type, scriptName }) => [
      ...(type === "worker"
        ? []
        : [{ property: "type" as const, reason: 'On this machine a consumer is a "worker".' }]),
      ...(scriptName ? [] : [{ property: "scriptName" as const, reason: "A consumer names its Worker." }]),
    ],
    find: (inputs) => idFor(inputs),
    async create(inputs) {
      const id = idFor(inputs);
      await put(id, inputs);
      return id;
    },
    async describe(id) {
      const found = await workers.get<ConsumerObject>("consumer", id);
      if (!found) return undefined;
      const queue = await workers.get<QueueObject>("queue", found.queueId);
      return {
        consumerId: id,
        queueId: found.queueId,
        queueName: queue?.queueName,
        scriptName: found.scriptName,
      };
    },
    update: (id, inputs) => put(id, inputs),
    delete: (id) => workers.delete("consumer", id),
  });
}
