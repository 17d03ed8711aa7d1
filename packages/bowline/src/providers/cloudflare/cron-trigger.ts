import type { ResourceHandler } from "@bowline/engine";
import type {
  WorkersCronTriggerArgs,
  WorkersCronTriggerState,
} from "@pulumi/cloudflare/workersCronTrigger.js";
import type { WorkersClient } from "../../workers/access.ts";
import type { CronObject } from "../../workers/objects.ts";
import type { Inputs } from "../plain.ts";
import { resource } from "../resource.ts";
import type { CloudflareProviderOptions } from "./options.ts";

export function cronTrigger(
  workers: WorkersClient,
  { workers: { endpoint } }: CloudflareProviderOptions,
): ResourceHandler {
  const put = ({ scriptName, schedules }: Inputs<WorkersCronTriggerArgs>) =>
    workers.put("cron", scriptName, {
      scriptName,
      crons: schedules.map(({ cron }) => cron),
    } satisfies CronObject);
  return resource<WorkersCronTriggerArgs, WorkersCronTriggerState>(endpoint, {
    required: ["accountId", "scriptName", "schedules"],
    replaceOn: ["accountId", "scriptName"],
    deleteBeforeReplace: true,
    find: ({ scriptName }) => scriptName,
    async create(inputs) {
      await put(inputs);
      return inputs.scriptName;
    },
    async describe(id) {
      const found = await workers.get<CronObject>("cron", id);
      return found && { scriptName: id, schedules: found.crons.map((cron) => ({ cron })) };
    },
    update: (_id, inputs) => put(inputs),
    delete: (id) => workers.delete("cron", id),
  });
}
