export { type BindingArgs, type BindingKind, binding } from "../../link/binding.ts";
export { Bucket, type BucketArgs } from "./bucket.ts";
export { D1, type D1Args } from "./d1.ts";
export { Kv, type KvArgs } from "./kv.ts";
export { Queue, type QueueArgs, type QueueSubscribeArgs } from "./queue.ts";
export { Worker } from "./worker.ts";
export type { WorkerArgs } from "./worker-args.ts";
export type { WorkerAssets } from "./worker-assets.ts";
