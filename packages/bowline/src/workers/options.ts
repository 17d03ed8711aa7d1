import type { WorkerOptions } from "miniflare";
import { AWS_ROLE_BINDING, type RoleEnvironment } from "./aws-role.ts";
import { padded } from "./code-change.ts";
import type {
  ConsumerObject,
  QueueObject,
  ScriptBinding,
  ScriptObject,
  StoreObject,
  TokenObject,
} from "./objects.ts";
import { r2S3Options } from "./r2-s3/options.ts";
import { r2S3Script } from "./r2-s3/script.ts";
import type { Registry } from "./registry.ts";
import type { Absent, RuntimeOptions } from "./runtime-options.ts";

/** Bindings that need Cloudflare itself; a Worker runs without them. */
export function notEmulated(bindings: readonly ScriptBinding[]): ScriptBinding[] {
  return bindings.filter(({ type }) => !Object.hasOwn(EMULATED, type));
}

/**
 * All deployed Workers in one runtime. Those with assets come last: they bring most of what miniflare hands to the
 * runtime, and it copies all of it again whenever there is more.
 */
export async function runtimeOptions(
  registry: Registry,
  dataFolder: string,
  role: RoleEnvironment,
  absent: Absent,
): Promise<RuntimeOptions> {
  const scripts = registry.list<ScriptObject>("script");
  const around = {
    scripts: new Set(scripts.map(({ scriptName }) => scriptName)),
    queues: registry.list<QueueObject>("queue"),
    buckets: registry.list<StoreObject>("r2"),
    absent,
    role,
  };
  const consumers = registry.list<ConsumerObject>("consumer");
  const tokens = registry.list<TokenObject>("token");
  const own = tokens.length > 0 ? [r2S3Options(await r2S3Script(), tokens, around.buckets)] : [];
  return {
    // Without it miniflare asks Cloudflare what a request's `cf` is.
    cf: false,
    host: "127.0.0.1",
    port: 0,
    defaultPersistRoot: dataFolder,
    workers: [
      ...own,
      ...scripts
        .toSorted((a, b) => Number(a.assets !== undefined) - Number(b.assets !== undefined))
        .map((script) => workerOptions(script, around, consumers)),
    ],
  };
}

function workerOptions(
  script: ScriptObject,
  around: Around,
  consumers: readonly ConsumerObject[],
): WorkerOptions {
  const own = consumers.filter(({ scriptName }) => scriptName === script.scriptName);
  const found: Found = {
    bindings: {},
    kvNamespaces: {},
    r2Buckets: {},
    d1Databases: {},
    queueProducers: {},
    serviceBindings: {},
    durableObjects: {},
    analyticsEngineDatasets: {},
  };
  for (const binding of script.bindings) {
    EMULATED[binding.type]?.(found, binding, { ...around, classes: script.classes ?? {} });
  }
  const assets = script.bindings.find(({ type }) => type === "assets");
  const version = script.bindings.find(({ type }) => type === "version_metadata");
  return {
    name: script.scriptName,
    modules: [{ type: "ESModule", path: "worker.mjs", contents: padded(script.content) }],
    compatibilityDate: script.compatibilityDate,
    compatibilityFlags: [...script.compatibilityFlags],
    unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
    // The cache is an isolate to start; code that does not name it cannot tell that it is not there.
    cache: script.content.includes("caches"),
    ...found,
    queueConsumers: Object.fromEntries(
      own.flatMap((consumer) => {
        const queue = around.queues.find(({ id }) => id === consumer.queueId);
        return queue === undefined ? [] : [[queue.queueName, consumerOptions(consumer)] as const];
      }),
    ),
    ...(version === undefined ? {} : { versionMetadata: version.name }),
    ...(script.assets === undefined
      ? {}
      : {
          assets: {
            directory: script.assets.directory,
            ...(assets === undefined ? {} : { binding: assets.name }),
            routerConfig: {
              has_user_worker: true,
              invoke_user_worker_ahead_of_assets: script.assets.runWorkerFirst === true,
            },
            assetConfig: { not_found_handling: notFoundHandling(script.assets.notFoundHandling) },
          },
        }),
  };
}

function consumerOptions(consumer: ConsumerObject) {
  return {
    maxBatchSize: consumer.batchSize ?? 10,
    maxBatchTimeout: (consumer.maxWaitTimeMs ?? 5000) / 1000,
    maxRetries: consumer.maxRetries ?? 3,
    ...(consumer.deadLetterQueue === undefined ? {} : { deadLetterQueue: consumer.deadLetterQueue }),
  };
}

function notFoundHandling(text: string | undefined): "none" | "404-page" | "single-page-application" {
  return text === "404-page" || text === "single-page-application" ? text : "none";
}

interface Found {
  readonly bindings: Record<string, string>;
  readonly kvNamespaces: Record<string, string>;
  readonly r2Buckets: Record<string, string>;
  readonly d1Databases: Record<string, string>;
  readonly queueProducers: Record<string, { queueName: string; deliveryDelay?: number }>;
  readonly serviceBindings: NonNullable<WorkerOptions["serviceBindings"]>;
  readonly durableObjects: Record<
    string,
    { className: string; scriptName?: string; useSQLite: boolean; unsafeUniqueKey?: string }
  >;
  readonly analyticsEngineDatasets: Record<string, { dataset: string }>;
}

interface Around {
  readonly scripts: ReadonlySet<string>;
  readonly queues: readonly QueueObject[];
  readonly buckets: readonly StoreObject[];
  readonly absent: Absent;
  readonly role: RoleEnvironment;
}

type Bind = (
  found: Found,
  binding: ScriptBinding,
  around: Around & { readonly classes: NonNullable<ScriptObject["classes"]> },
) => void;

const text: Bind = ({ bindings }, binding, { role }) => {
  if (binding.name === AWS_ROLE_BINDING) Object.assign(bindings, role(binding.text ?? ""));
  else bindings[binding.name] = binding.text ?? "";
};

/** What each type of binding is to miniflare. */
const EMULATED: Readonly<Record<string, Bind>> = {
  plain_text: text,
  secret_text: text,
  kv_namespace({ kvNamespaces }, { name, namespaceId = "" }) {
    kvNamespaces[name] = namespaceId;
  },
  r2_bucket({ r2Buckets }, { name, bucketName = "" }, { buckets }) {
    r2Buckets[name] = buckets.find(({ id }) => id === bucketName)?.data ?? bucketName;
  },
  d1({ d1Databases }, { name, id = "" }) {
    d1Databases[name] = id;
  },
  queue({ queueProducers }, { name, queueName = "" }, { queues }) {
    const delay = queues.find((queue) => queue.queueName === queueName)?.deliveryDelay;
    queueProducers[name] = { queueName, ...(delay === undefined ? {} : { deliveryDelay: delay }) };
  },
  service({ serviceBindings }, { name, service = "", entrypoint }, { scripts, absent }) {
    serviceBindings[name] = scripts.has(service)
      ? { name: service, ...(entrypoint === undefined ? {} : { entrypoint }) }
      : absent(service);
  },
  durable_object_namespace({ durableObjects }, { name, className = "", scriptName }, { scripts, classes }) {
    if (scriptName !== undefined && !scripts.has(scriptName)) return;
    const key = scriptName === undefined ? classes[className] : undefined;
    durableObjects[name] = {
      className,
      useSQLite: true,
      ...(key === undefined ? {} : { unsafeUniqueKey: key }),
      ...(scriptName === undefined ? {} : { scriptName }),
    };
  },
  analytics_engine({ analyticsEngineDatasets }, { name, dataset = "" }) {
    analyticsEngineDatasets[name] = { dataset };
  },
  // These two are not tables but options of their own.
  assets() {},
  version_metadata() {},
};
