/**
 * Messages on their way. They are kept in the transaction of the change they tell of, delivered afterwards and only
 * then forgotten: a kill in between delivers twice at worst, never not at all.
 */
import type { DatabaseSync } from "node:sqlite";
import type { Hub, Principal } from "../service.ts";
import { bucketArn } from "./input.ts";
import type { TargetKind } from "./notification-config.ts";

export interface Target {
  readonly kind: TargetKind | "events";
  /** Empty for EventBridge, whose default bus it is. */
  readonly arn: string;
}

export interface Outbox {
  /** Must run in the transaction of the change; `wake` after it. */
  add(bucket: string, target: Target, message: unknown, time: number): void;
  /** Delivers what is due. */
  wake(): void;
  /** Delivers at once, without the outbox: how destinations are tried. */
  send(bucket: string, target: Target, text: string, options?: { readonly dryRun?: boolean }): Promise<void>;
  stop(): Promise<void>;
}

interface Letter {
  readonly id: number;
  readonly bucket: string;
  readonly target: string;
  readonly payload: string;
  readonly created: number;
  readonly attempts: number;
}

const batch = 16;
const firstDelay = 100;
const longestDelay = 60_000;
/** A message nobody takes for this long is given up; the audit log tells of the refusals. */
const lifetime = 6 * 3600_000;

export function openOutbox(db: DatabaseSync, hub: Hub): Outbox {
  const insert = db.prepare(
    "INSERT INTO outbox (bucket, target, payload, created, due) VALUES (?, ?, ?, ?, ?)",
  );
  const due = db.prepare("SELECT * FROM outbox WHERE due <= ? ORDER BY due, id LIMIT ?");
  const next = db.prepare("SELECT min(due) AS due FROM outbox");
  const remove = db.prepare("DELETE FROM outbox WHERE id = ?");
  const postpone = db.prepare("UPDATE outbox SET attempts = ?, due = ? WHERE id = ?");

  let timer: NodeJS.Timeout | undefined;
  let delivering: Promise<void> | undefined;
  let stopped = false;

  async function send(
    bucket: string,
    target: Target,
    text: string,
    { dryRun = false }: { readonly dryRun?: boolean } = {},
  ): Promise<void> {
    const as: Principal = {
      kind: "service",
      service: "s3.amazonaws.com",
      sourceArn: bucketArn(bucket),
      accountId: hub.accountId,
    };
    const { operation, input } = request(target, text, dryRun);
    await hub.call({ service: target.kind, operation, input, as });
  }

  function request(target: Target, text: string, dryRun: boolean): { operation: string; input: unknown } {
    const { kind, arn } = target;
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

  async function deliver(letter: Letter): Promise<void> {
    try {
      await send(letter.bucket, JSON.parse(letter.target) as Target, letter.payload);
      remove.run(letter.id);
    } catch {
      const now = Date.now();
      const attempts = letter.attempts + 1;
      if (now - letter.created > lifetime) remove.run(letter.id);
      else postpone.run(attempts, now + Math.min(firstDelay * 2 ** attempts, longestDelay), letter.id);
    }
  }

  async function deliverDue(): Promise<void> {
    while (!stopped) {
      const letters = due.all(Date.now(), batch) as unknown as Letter[];
      if (letters.length === 0) break;
      await Promise.all(letters.map(deliver));
    }
    const { due: at } = next.get() as { due: number | null };
    if (stopped || at === null) return;
    clearTimeout(timer);
    timer = setTimeout(wake, Math.max(at - Date.now(), 1)).unref();
  }

  function wake(): void {
    if (stopped || delivering !== undefined) return;
    // Deferred, so that whoever caused it has its answer first.
    delivering = new Promise<void>((resolve) => setImmediate(resolve)).then(deliverDue).finally(() => {
      delivering = undefined;
    });
  }

  return {
    add(bucket, target, message, time) {
      insert.run(bucket, JSON.stringify(target), JSON.stringify(message), time, time);
    },
    wake,
    send,
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await delivering;
    },
  };
}
