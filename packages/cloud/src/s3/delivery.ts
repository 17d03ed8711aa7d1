/** Bringing a message of a bucket to its target, as S3. */
import type { DatabaseSync } from "node:sqlite";
import type { Hub, Principal } from "../service.ts";
import type { Deliver } from "../store/outbox.ts";
import { bucketArn } from "./input.ts";
import type { TargetKind } from "./notification-config.ts";

export interface Target {
  readonly kind: TargetKind | "events";
  /** Empty for EventBridge, whose default bus it is. */
  readonly arn: string;
}

/** A message on its way. */
export interface Letter {
  readonly time: number;
  readonly bucket: string;
  readonly message: unknown;
}

/** Brings a text to a target at once, or only tries whether it could. */
export type Send = (
  bucket: string,
  target: Target,
  text: string,
  options?: { readonly dryRun?: boolean },
) => Promise<void>;

const firstDelay = 200;
const longestDelay = 60_000;
/** A message nobody takes for this long is given up; the audit log tells of the refusals. */
const lifetime = 6 * 3600_000;

function request({ kind, arn }: Target, text: string, dryRun: boolean, hub: Hub) {
  switch (kind) {
    case "sqs": {
      const [, , , , account, name] = arn.split(":");
      const QueueUrl = `${hub.endpoint}/${account}/${name}`;
      return { operation: "SendMessage", input: { QueueUrl, MessageBody: text } };
    }
    case "sns":
      return {
        operation: "Publish",
        input: { TopicArn: arn, Subject: "Amazon S3 Notification", Message: text },
      };
    case "lambda":
      return {
        operation: "Invoke",
        input: {
          FunctionName: arn,
          InvocationType: dryRun ? "DryRun" : "Event",
          Payload: Buffer.from(text),
        },
      };
    case "events":
      return { operation: "PutEvents", input: { Entries: [JSON.parse(text)] } };
  }
}

export function sender(hub: Hub): Send {
  return async (bucket, target, text, { dryRun = false } = {}) => {
    const as: Principal = {
      kind: "service",
      service: "s3.amazonaws.com",
      sourceArn: bucketArn(bucket),
      accountId: hub.accountId,
    };
    const { operation, input } = request(target, text, dryRun, hub);
    await hub.call({ service: target.kind, operation, input, as });
  };
}

/** Where a message goes, as the outbox keeps it. */
export function addressOf({ kind, arn }: Target): string {
  return JSON.stringify({ kind, arn });
}

export function delivery(send: Send): Deliver<Letter> {
  return async ({ bucket, message, time }, job, signal) => {
    try {
      await send(bucket, JSON.parse(job.target) as Target, JSON.stringify(message));
      return undefined;
    } catch (error) {
      if (signal.aborted) throw error;
      if (Date.now() - time > lifetime) return undefined;
      return Math.min(firstDelay * 2 ** Math.min(job.attempts, 10), longestDelay);
    }
  };
}

/** Takes what an outbox holds whose table was still S3's own, so that the shared one can have its name. */
export function takeOldLetters(db: DatabaseSync): { readonly letter: Letter; readonly target: string }[] {
  const old = db.prepare("SELECT 1 FROM pragma_table_info('outbox') WHERE name = 'payload'").get();
  if (!old) return [];
  const rows = db.prepare("SELECT bucket, target, payload, created FROM outbox ORDER BY id").all();
  db.exec("DROP TABLE outbox");
  return rows.map(({ bucket, target, payload, created }) => ({
    letter: { time: Number(created), bucket: String(bucket), message: JSON.parse(String(payload)) },
    target: String(target),
  }));
}
