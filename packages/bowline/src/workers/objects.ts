/** What is deployed to the host: the shapes the provider sends. */

/** A binding as Cloudflare's API writes it. */
export interface ScriptBinding {
  readonly type: string;
  readonly name: string;
  readonly text?: string;
  readonly json?: string;
  readonly namespaceId?: string;
  readonly bucketName?: string;
  readonly id?: string;
  readonly queueName?: string;
  readonly service?: string;
  readonly entrypoint?: string;
  readonly className?: string;
  readonly scriptName?: string;
  readonly dataset?: string;
}

export interface ScriptObject {
  readonly scriptName: string;
  /** Its name in the app. */
  readonly consumer?: string;
  /** The module it is, and the file that module was read from. */
  readonly content: string;
  readonly file?: string;
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
  readonly bindings: readonly ScriptBinding[];
  /** Its classes of Durable Objects, and what the data of each is kept under, which stays when one is renamed. */
  readonly classes?: Readonly<Record<string, string>>;
  readonly assets?: {
    readonly directory: string;
    readonly notFoundHandling?: string;
    readonly runWorkerFirst?: boolean;
  };
}

export interface QueueObject {
  readonly id: string;
  readonly queueName: string;
  readonly deliveryDelay?: number;
}

export interface ConsumerObject {
  readonly id: string;
  readonly queueId: string;
  readonly scriptName: string;
  readonly deadLetterQueue?: string;
  readonly batchSize?: number;
  readonly maxRetries?: number;
  readonly maxWaitTimeMs?: number;
}

export interface CronObject {
  readonly scriptName: string;
  readonly crons: readonly string[];
}

/** A bucket, a KV namespace or a D1 database: what counts is that it is there. */
export interface StoreObject {
  readonly id: string;
  readonly name: string;
  /** What its data is kept under: another one when it is deleted and made again. */
  readonly data: string;
}

/** What allows to reach buckets through R2's S3 API: as Cloudflare has it, its id is the access key's. */
export interface TokenObject {
  readonly id: string;
  readonly value: string;
  /** The names of its buckets. */
  readonly buckets: readonly string[];
}
