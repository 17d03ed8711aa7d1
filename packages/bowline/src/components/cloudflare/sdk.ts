import { createRequire } from "node:module";
import type { AccountToken } from "@pulumi/cloudflare/accountToken.js";
import type { D1Database } from "@pulumi/cloudflare/d1database.js";
import type { getZonesOutput } from "@pulumi/cloudflare/getZones.js";
import type { Queue } from "@pulumi/cloudflare/queue.js";
import type { QueueConsumer } from "@pulumi/cloudflare/queueConsumer.js";
import type { R2Bucket } from "@pulumi/cloudflare/r2bucket.js";
import type { WorkersCronTrigger } from "@pulumi/cloudflare/workersCronTrigger.js";
import type { WorkersCustomDomain } from "@pulumi/cloudflare/workersCustomDomain.js";
import type { WorkersKvNamespace } from "@pulumi/cloudflare/workersKvNamespace.js";
import type { WorkersScript } from "@pulumi/cloudflare/workersScript.js";
import type { WorkersScriptSubdomain } from "@pulumi/cloudflare/workersScriptSubdomain.js";

/** What our components use of `@pulumi/cloudflare`, named one by one: the types of all of it take seconds to read. */
export interface CloudflareSdk {
  readonly AccountToken: typeof AccountToken;
  readonly D1Database: typeof D1Database;
  readonly Queue: typeof Queue;
  readonly QueueConsumer: typeof QueueConsumer;
  readonly R2Bucket: typeof R2Bucket;
  readonly WorkersCronTrigger: typeof WorkersCronTrigger;
  readonly WorkersCustomDomain: typeof WorkersCustomDomain;
  readonly WorkersKvNamespace: typeof WorkersKvNamespace;
  readonly WorkersScript: typeof WorkersScript;
  readonly WorkersScriptSubdomain: typeof WorkersScriptSubdomain;
  readonly getZonesOutput: typeof getZonesOutput;
}

let loaded: CloudflareSdk | undefined;

/** The SDK, when the first component needs it: apps without one start without it. */
export function sdk(): CloudflareSdk {
  loaded ??= createRequire(import.meta.url)("@pulumi/cloudflare") as CloudflareSdk;
  return loaded;
}
