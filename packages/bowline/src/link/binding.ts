import type { Input } from "@pulumi/pulumi";
import type { Binding } from "./include.ts";

/**
 * Every kind of binding a link can bring along: what Cloudflare calls it, what it takes, what it is in TypeScript, and
 * what it can do, so that no property of a link hides a method.
 */
export const bindingKinds = {
  aiBindings: { type: "ai", takes: [], typescript: "Ai", methods: ["run"] },
  analyticsEngineBindings: {
    type: "analytics_engine",
    takes: ["dataset"],
    typescript: "AnalyticsEngineDataset",
    methods: ["writeDataPoint"],
  },
  browserBindings: { type: "browser", takes: [], typescript: "Fetcher", methods: ["fetch"] },
  d1DatabaseBindings: {
    type: "d1",
    takes: ["id"],
    typescript: "D1Database",
    methods: ["prepare", "batch", "exec", "withSession", "dump"],
  },
  durableObjectNamespaceBindings: {
    type: "durable_object_namespace",
    takes: ["className", "scriptName"],
    typescript: "DurableObjectNamespace",
    methods: ["newUniqueId", "idFromName", "idFromString", "get", "getByName", "jurisdiction"],
  },
  hyperdriveBindings: { type: "hyperdrive", takes: ["id"], typescript: "Hyperdrive", methods: ["connect"] },
  imagesBindings: { type: "images", takes: [], typescript: "ImagesBinding", methods: ["info", "input"] },
  kvNamespaceBindings: {
    type: "kv_namespace",
    takes: ["namespaceId"],
    typescript: "KVNamespace",
    methods: ["get", "getWithMetadata", "put", "delete", "list"],
  },
  plainTextBindings: { type: "plain_text", takes: ["text"], typescript: "string", methods: [] },
  queueBindings: {
    type: "queue",
    takes: ["queueName"],
    typescript: "Queue",
    methods: ["send", "sendBatch", "metrics"],
  },
  r2BucketBindings: {
    type: "r2_bucket",
    takes: ["bucketName"],
    typescript: "R2Bucket",
    methods: ["head", "get", "put", "delete", "list", "createMultipartUpload", "resumeMultipartUpload"],
  },
  secretTextBindings: { type: "secret_text", takes: ["text"], typescript: "string", methods: [] },
  serviceBindings: {
    type: "service",
    takes: ["service", "entrypoint"],
    typescript: "Service",
    methods: ["fetch", "connect"],
  },
  vectorizeBindings: {
    type: "vectorize",
    takes: ["indexName"],
    typescript: "Vectorize",
    methods: ["describe", "query", "queryById", "insert", "upsert", "deleteByIds", "getByIds"],
  },
  versionMetadataBindings: {
    type: "version_metadata",
    takes: [],
    typescript: "WorkerVersionMetadata",
    methods: [],
  },
} as const;

export type BindingKind = keyof typeof bindingKinds;

/** Of a Durable Object another Worker has, of an entrypoint that is not the default: what may be left out. */
type Optional = "scriptName" | "entrypoint";
type Taken<K extends BindingKind> = (typeof bindingKinds)[K]["takes"][number];

/** What `cloudflare.binding` takes: a kind, and what Cloudflare needs to know to bind it. */
export type BindingArgs = {
  [K in BindingKind]: {
    readonly type: K;
    /** Its place in the link: `env.<Link>.<as>`. Without one it is `env.<Link>` itself. */
    readonly as?: string;
  } & ([Taken<K>] extends [never]
    ? { readonly properties?: Readonly<Record<string, never>> }
    : {
        readonly properties: { readonly [P in Exclude<Taken<K>, Optional>]: Input<string> } & {
          readonly [P in Extract<Taken<K>, Optional>]?: Input<string>;
        };
      });
}[BindingKind];

/**
 * A binding that comes along with a link, for Workers.
 *
 * @example
 * new Linkable("Cache", {
 *   properties: { ttl: 60 },
 *   include: [cloudflare.binding({ type: "kvNamespaceBindings", properties: { namespaceId: "0f2ac74b498b48028cb68387c421e279" } })],
 * });
 */
export function binding({ type, as, properties }: BindingArgs): Binding {
  return {
    kind: "binding",
    type,
    ...(as === undefined ? {} : { as }),
    properties: (properties ?? {}) as Readonly<Record<string, Input<string>>>,
  };
}
