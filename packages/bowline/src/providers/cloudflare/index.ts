/** Makes the resource types of `@pulumi/cloudflare` that Workers need real on this machine: on the host of a stage's Workers. */
import type { Provider, ResourceHandler } from "@bowline/engine";
import { type WorkersClient, workersClient } from "../../workers/access.ts";
import { accountToken } from "./account-token.ts";
import { cronTrigger } from "./cron-trigger.ts";
import type { CloudflareProviderOptions } from "./options.ts";
import { queue } from "./queue.ts";
import { queueConsumer } from "./queue-consumer.ts";
import { script } from "./script.ts";
import { scriptSubdomain } from "./script-subdomain.ts";
import { d1Database, kvNamespace, r2Bucket } from "./stores.ts";

/** The version of `@pulumi/cloudflare` whose inputs and outputs these are. */
const VERSION = "6.22.1";

export function cloudflareProvider(options: CloudflareProviderOptions): Provider {
  const handlers = new Map(Object.entries(resources(workersClient(options.workers), options)));
  return { name: "cloudflare", version: VERSION, resource: (type) => handlers.get(type) };
}

function resources(
  workers: WorkersClient,
  options: CloudflareProviderOptions,
): Readonly<Record<string, ResourceHandler>> {
  return {
    "cloudflare:index/accountToken:AccountToken": accountToken(workers, options),
    "cloudflare:index/d1Database:D1Database": d1Database(workers, options),
    "cloudflare:index/queue:Queue": queue(workers, options),
    "cloudflare:index/queueConsumer:QueueConsumer": queueConsumer(workers, options),
    "cloudflare:index/r2Bucket:R2Bucket": r2Bucket(workers, options),
    "cloudflare:index/workersCronTrigger:WorkersCronTrigger": cronTrigger(workers, options),
    "cloudflare:index/workersKvNamespace:WorkersKvNamespace": kvNamespace(workers, options),
    "cloudflare:index/workersScript:WorkersScript": script(workers, options),
    "cloudflare:index/workersScriptSubdomain:WorkersScriptSubdomain": scriptSubdomain(workers, options),
  };
}
