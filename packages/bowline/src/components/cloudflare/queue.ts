import type { Queue as CloudflareQueue, QueueArgs as CloudflareQueueArgs } from "@pulumi/cloudflare/queue.js";
import type { QueueConsumerArgs } from "@pulumi/cloudflare/queueConsumer.js";
import type { ComponentResourceOptions, Output } from "@pulumi/pulumi";
import { BowlineError } from "../../error.ts";
import { binding } from "../../link/binding.ts";
import { Link } from "../../link/link.ts";
import { seconds } from "../aws/quantity.ts";
import { Component, type Transform, transformed } from "../component.ts";
import { accountId, physicalName } from "./account.ts";
import { sdk } from "./sdk.ts";
import { Worker } from "./worker.ts";
import type { WorkerArgs } from "./worker-args.ts";

export interface QueueArgs {
  /** How long a message waits before it is delivered. Default: not at all. */
  readonly delay?: number | string;
  readonly transform?: {
    readonly queue?: Transform<CloudflareQueueArgs>;
  };
}

export interface QueueSubscribeArgs {
  readonly batch?: {
    /** How many messages one call gets at most. Default 10. */
    readonly size?: number;
    /** How long to wait for a batch to fill. Default 5 seconds. */
    readonly window?: number | string;
  };
  /** How often a message is tried again. Default 3. */
  readonly retries?: number;
  /** Where messages go that failed too often. */
  readonly dlq?: Queue;
  readonly transform?: {
    readonly consumer?: Transform<QueueConsumerArgs>;
  };
}

const TYPE = "bowline:cloudflare:Queue";

/**
 * A Cloudflare queue.
 *
 * @example
 * const jobs = new cloudflare.Queue("Jobs");
 * jobs.subscribe("src/jobs.ts");
 * new cloudflare.Worker("Api", { handler: "src/api.ts", url: true, link: [jobs] });
 */
export class Queue extends Component {
  readonly nodes: { readonly queue: CloudflareQueue };
  #subscribed = false;

  constructor(name: string, args: QueueArgs = {}, options?: ComponentResourceOptions) {
    super(TYPE, name, options);
    const queue = new (sdk().Queue)(
      name,
      transformed(args.transform?.queue, name, {
        accountId: accountId(this.app),
        queueName: physicalName(this.app, name),
        ...(args.delay === undefined
          ? {}
          : { settings: { deliveryDelay: seconds(args.delay, name, "delay") } }),
      }),
      { parent: this },
    );
    this.nodes = { queue };
    this.registerLinkable({ name: this.name, id: this.id });
  }

  /** What Cloudflare knows it by. */
  get id(): Output<string> {
    return this.nodes.queue.queueId;
  }

  get name(): Output<string> {
    return this.nodes.queue.queueName;
  }

  /** In a Worker `env.<Name>` sends to the queue, and has its `name`. */
  link(): Link<{ name: string }> {
    return new Link({
      name: this.logicalName,
      type: TYPE,
      properties: { name: this.name },
      include: [binding({ type: "queueBindings", properties: { queueName: this.name } })],
    });
  }

  /**
   * Runs a Worker for its messages: the `queue` of the handler's default export. A queue has one subscriber.
   *
   * @example
   * jobs.subscribe({ handler: "src/jobs.ts", link: [sessions] }, { batch: { size: 1 } });
   */
  subscribe(subscriber: string | WorkerArgs | Worker, args: QueueSubscribeArgs = {}): Worker {
    const name = `${this.logicalName}Subscriber`;
    if (this.#subscribed) {
      throw new BowlineError("subscribed-twice", `The queue ${this.logicalName} has a subscriber already.`, {
        hint: "A message is taken once. Let the subscriber pass it on to other Workers, which it is linked to.",
      });
    }
    this.#subscribed = true;
    const worker = subscribedWorker(name, subscriber, { parent: this });
    const { batch, retries, dlq } = args;
    new (sdk().QueueConsumer)(
      name,
      transformed(args.transform?.consumer, name, {
        accountId: accountId(this.app),
        queueId: this.id,
        type: "worker",
        scriptName: worker.nodes.script.scriptName,
        ...(dlq === undefined ? {} : { deadLetterQueue: dlq.name }),
        settings: {
          batchSize: batch?.size ?? 10,
          maxRetries: retries ?? 3,
          maxWaitTimeMs: 1000 * seconds(batch?.window ?? 5, name, "batch.window"),
        },
      }),
      { parent: this, dependsOn: [worker] },
    );
    return worker;
  }
}

function subscribedWorker(
  name: string,
  subscriber: string | WorkerArgs | Worker,
  options: ComponentResourceOptions,
): Worker {
  if (subscriber instanceof Worker) return subscriber;
  return new Worker(name, typeof subscriber === "string" ? { handler: subscriber } : subscriber, options);
}
