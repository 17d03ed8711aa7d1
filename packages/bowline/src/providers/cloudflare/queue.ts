import type { ResourceHandler } from "@bowline/engine";
import type { QueueArgs, QueueState } from "@pulumi/cloudflare/queue.js";
import type { WorkersClient } from "../../workers/access.ts";
import type { QueueObject } from "../../workers/objects.ts";
import type { Inputs } from "../plain.ts";
import { resource } from "../resource.ts";
import type { CloudflareProviderOptions } from "./options.ts";
import { idOf } from "./stores.ts";

export function queue(
  workers: WorkersClient,
  { workers: { endpoint } }: CloudflareProviderOptions,
): ResourceHandler {
  const put = (id: string, { queueName, settings }: Inputs<QueueArgs>) =>
    workers.put("queue", id, {
      id,
      queueName,
      ...(settings?.deliveryDelay === undefined ? {} : { deliveryDelay: settings.deliveryDelay }),
    } satisfies QueueObject);
  return resource<QueueArgs, QueueState>(endpoint, {
    required: ["accountId", "queueName"],
    replaceOn: ["accountId", "jurisdiction", "queueName"],
    deleteBeforeReplace: true,
    find: ({ queueName }) => idOf("queue", queueName),
    async create(inputs) {
      const id = idOf("queue", inputs.queueName);
      await put(id, inputs);
      return id;
    },
    async describe(id) {
      const found = await workers.get<QueueObject>("queue", id);
      return found && { queueId: id, queueName: found.queueName };
    },
    update: (id, inputs) => put(id, inputs),
    delete: (id) => workers.delete("queue", id),
  });
}
