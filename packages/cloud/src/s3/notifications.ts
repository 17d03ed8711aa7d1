/** Telling queues, topics, functions and EventBridge what happens in a bucket. */
import type { Call, Operation } from "../service.ts";
import type { Job, Outbox } from "../store/outbox.ts";
import { bucketAccess } from "./access.ts";
import type { Bucket } from "./bucket-store.ts";
import type { Notify, S3Context } from "./context.ts";
import { addressOf, type Letter, type Send, type Target } from "./delivery.ts";
import { invalidArgument } from "./errors.ts";
import { readDocument, type S3Input, type S3Output, s3Operation } from "./input.ts";
import {
  matchingRules,
  type NotificationConfiguration,
  type NotificationRule,
  parseNotifications,
  renderNotifications,
} from "./notification-config.ts";
import { bridgeEntry, recordMessage, testMessage } from "./notification-events.ts";
import { emptyAnswer } from "./protocol.ts";
import { occasionOf } from "./write.ts";

/** Reads configurations once and keeps them as long as they stand. */
function configurations(): (bucket: Bucket) => NotificationConfiguration | undefined {
  const known = new WeakMap<Bucket, { text: string; configuration: NotificationConfiguration }>();
  return (bucket) => {
    const text = bucket.settings.get("notification");
    if (text === undefined) return undefined;
    let entry = known.get(bucket);
    if (entry?.text !== text) {
      entry = { text, configuration: parseNotifications(text) };
      known.set(bucket, entry);
    }
    return entry.configuration;
  };
}

export function openNotify(
  { hub, transactions }: Pick<S3Context, "hub" | "transactions">,
  outbox: Pick<Outbox<Letter>, "write" | "send">,
): Notify {
  const configurationOf = configurations();
  return {
    wants: (bucket) => bucket.settings.has("notification"),
    record(bucket, event, occasion) {
      const configuration = configurationOf(bucket);
      if (configuration === undefined) return;
      const jobs: Job[] = [];
      const add = (target: Target, message: unknown) => {
        const letter = { time: Date.now(), bucket: bucket.name, message };
        jobs.push(...outbox.write(letter, [{ target: addressOf(target), lane: null }]));
      };
      for (const { id, kind, arn } of matchingRules(configuration, event.name, event.key)) {
        add({ kind, arn }, recordMessage(hub, bucket.name, event, occasion, id));
      }
      if (configuration.eventBridge) {
        add({ kind: "events", arn: "" }, bridgeEntry(hub, bucket.name, event, occasion));
      }
      // Whoever caused it has its answer first.
      transactions.afterCommit(() => setImmediate(outbox.send, jobs));
    },
  };
}

export function notificationOperations(
  s3: Pick<S3Context, "buckets">,
  send: Send,
): Record<string, Operation> {
  const { buckets } = s3;

  /** S3 tries a destination before it takes it: with a message where that does no harm. */
  async function tryDestination(bucket: Bucket, rule: NotificationRule, call: Call): Promise<void> {
    const text = JSON.stringify(testMessage(bucket.name, occasionOf(call)));
    try {
      await send(bucket.name, rule, text, { dryRun: true });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw invalidArgument(
        `Unable to validate the following destination configurations: ${rule.arn}. ${why}`,
        rule.arn,
        "null",
      );
    }
  }

  async function put(input: S3Input, call: Call): Promise<S3Output> {
    const bucket = buckets.need(input.bucket);
    const configuration = parseNotifications(await readDocument(input));
    if (input.headers["x-amz-skip-destination-validation"]?.toLowerCase() !== "true") {
      const known = new Set(parseKnown(bucket).map(({ arn }) => arn));
      for (const rule of configuration.rules) {
        if (!known.has(rule.arn)) await tryDestination(bucket, rule, call);
      }
    }
    const nothing = configuration.rules.length === 0 && !configuration.eventBridge;
    buckets.setSetting(bucket, "notification", nothing ? undefined : renderNotifications(configuration));
    return emptyAnswer;
  }

  const parseKnown = (bucket: Bucket): readonly NotificationRule[] => {
    const text = bucket.settings.get("notification");
    return text === undefined ? [] : parseNotifications(text).rules;
  };

  return {
    GetBucketNotificationConfiguration: s3Operation({
      access: bucketAccess("s3:GetBucketNotification"),
      run({ bucket }) {
        const kept = buckets.need(bucket).settings.get("notification");
        return { status: 200, body: kept ?? renderNotifications({ rules: [], eventBridge: false }) };
      },
    }),
    PutBucketNotificationConfiguration: s3Operation({
      access: bucketAccess("s3:PutBucketNotification"),
      run: put,
    }),
  };
}
