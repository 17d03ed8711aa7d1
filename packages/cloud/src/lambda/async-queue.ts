/**
 * Asynchronous invocations: kept on disk before they are acknowledged, retried when the handler fails,
 * and handed to a destination or a dead-letter queue when that is what the function asks for.
 */
import { randomUUID } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { AwsError } from "../error.ts";
import { createTurns } from "./async-turns.ts";
import { deliver, destinationRecord } from "./destinations.ts";
import type { InvocationResult } from "./invocation.ts";
import type { Invoker, Work } from "./invoker.ts";
import type { FunctionVersion } from "./model.ts";
import { functionArn } from "./names.ts";
import { type Room, resolveVersion } from "./room.ts";
import { LATEST } from "./store.ts";

export interface AsyncOptions {
  /** Milliseconds before the first and before each later retry; AWS waits one minute, then two. */
  readonly backoff?: readonly number[];
  /** Invocations running at a time, over all functions. */
  readonly parallel?: number;
}

export interface AsyncQueue {
  enqueue(work: Work): void;
  start(): void;
  /** Resolves when what is running has ended. */
  stop(): Promise<void>;
}

interface Row {
  readonly id: string;
  readonly name: string;
  readonly qualifier: string | null;
  readonly payload: Uint8Array;
  readonly client_context: string | null;
  readonly attempts: number;
  readonly created: number;
}

const BACKOFF = [1000, 2000];
const PARALLEL = 64;
const DEFAULT_RETRIES = 2;
const DEFAULT_AGE = 21_600;

export function createAsyncQueue(
  database: DatabaseSync,
  room: Room,
  run: Invoker["run"],
  options: AsyncOptions = {},
): AsyncQueue {
  const backoff = options.backoff ?? BACKOFF;
  const parallel = options.parallel ?? PARALLEL;
  database.exec(`
    CREATE TABLE IF NOT EXISTS async_invocations (
      id TEXT PRIMARY KEY, name TEXT NOT NULL, qualifier TEXT, payload BLOB NOT NULL, client_context TEXT,
      attempts INTEGER NOT NULL DEFAULT 0, due INTEGER NOT NULL, created INTEGER NOT NULL
    );
    CREATE INDEX IF NOT EXISTS async_invocations_due ON async_invocations (due);
    CREATE INDEX IF NOT EXISTS async_invocations_name ON async_invocations (name, due);
  `);
  const insert = database.prepare(
    "INSERT INTO async_invocations (id, name, qualifier, payload, client_context, due, created) VALUES (?, ?, ?, ?, ?, ?, ?)",
  );
  const names = database.prepare("SELECT DISTINCT name FROM async_invocations");
  const waits = database.prepare("SELECT 1 FROM async_invocations WHERE name = ? LIMIT 1");
  const dueOf = database.prepare(
    "SELECT * FROM async_invocations WHERE name = ? AND due <= ? ORDER BY due LIMIT ?",
  );
  const nextDue = database.prepare("SELECT MIN(due) AS due FROM async_invocations WHERE due > ?");
  const remove = database.prepare("DELETE FROM async_invocations WHERE id = ?");
  const postpone = database.prepare("UPDATE async_invocations SET attempts = ?, due = ? WHERE id = ?");
  const running = new Map<string, Promise<void>>();
  const turns = createTurns((name) => room.store.extras(name).reserved);
  let timer: NodeJS.Timeout | undefined;
  let planned = false;
  let stopped = true;

  /** Looks for what can be started, once for everything that happens in a turn of the event loop. */
  function plan(): void {
    if (planned) return;
    planned = true;
    setImmediate(() => {
      planned = false;
      pump();
    });
  }

  function pump(): void {
    if (stopped) return;
    clearTimeout(timer);
    const now = Date.now();
    for (const name of turns.names()) {
      const free = Math.min(turns.room(name, now), parallel - running.size);
      if (free <= 0) continue;
      // What runs is still in the table, and due.
      const rows = dueOf.all(name, now, turns.running(name) + free) as unknown as Row[];
      const ready = rows.filter(({ id }) => !running.has(id)).slice(0, free);
      for (const row of ready) begin(row);
      if (ready.length === 0 && !waits.get(name)) turns.forget(name);
    }
    const { due } = nextDue.get(now) as { due: number | null };
    const next = Math.min(due ?? Number.POSITIVE_INFINITY, turns.opens(now) ?? Number.POSITIVE_INFINITY);
    if (next < Number.POSITIVE_INFINITY) {
      timer = setTimeout(pump, Math.min(next - now, 2 ** 30));
      timer.unref();
    }
  }

  function begin(row: Row): void {
    turns.began(row.name);
    const attempt = handle(row)
      .catch((error: unknown) => {
        if (stopped) return undefined;
        // Not the handler's failure but ours: keep the invocation and try again later.
        postpone.run(row.attempts, Date.now() + 1000, row.id);
        const target = find({ name: row.name, qualifier: row.qualifier ?? undefined });
        if (target) {
          const line = `Asynchronous invocation ${row.id} is put off: ${error}`;
          room.logs.write(target, "platform", line);
        }
        return undefined;
      })
      .then((closedUntil) => {
        running.delete(row.id);
        turns.ended(row.name, closedUntil);
        plan();
      });
    running.set(row.id, attempt);
  }

  /** Gives a time when the function is throttled until then. */
  async function handle(row: Row): Promise<number | undefined> {
    const reference = { name: row.name, qualifier: row.qualifier ?? undefined };
    const config = room.store.eventInvokeConfig(row.name, reference.qualifier ?? LATEST);
    const target = find(reference);
    if (!target) return done(row);
    const deadline = row.created + (config?.maximumEventAgeInSeconds ?? DEFAULT_AGE) * 1000;
    let result: InvocationResult;
    try {
      result = await run(target, {
        reference,
        requestId: row.id,
        payload: row.payload,
        ...(row.client_context ? { clientContext: row.client_context } : {}),
      });
    } catch (error) {
      if (stopped) return undefined;
      if (!(error instanceof AwsError)) throw error;
      // Throttled, or it cannot start at all: it waits until it is too old, without using up its retries.
      if (error.status === 429 && Date.now() < deadline) return Date.now() + (backoff[0] ?? 1000);
      if (error.status !== 429) {
        complain(target, `Asynchronous invocation ${row.id} could not start: ${error.message}`);
      }
      const age = Math.min(Math.max(Date.now() - row.created, 1000), 60_000);
      if (Date.now() < deadline) return later(row, row.attempts, age);
      return expire(row, target, "EventAgeExceeded", undefined);
    }
    // A process we ended because the cloud is going down did not fail; it runs again at the next start.
    if (stopped && result.error) return undefined;
    if (!result.error) {
      if (config?.onSuccess) await send(config.onSuccess, row, target, "Success", result);
      return done(row);
    }
    const attempts = row.attempts + 1;
    if (attempts > (config?.maximumRetryAttempts ?? DEFAULT_RETRIES)) {
      return expire({ ...row, attempts }, target, "RetriesExhausted", result);
    }
    const wait = backoff[Math.min(row.attempts, backoff.length - 1)] ?? 0;
    if (Date.now() + wait > deadline) return expire({ ...row, attempts }, target, "EventAgeExceeded", result);
    return later(row, attempts, wait);
  }

  function done(row: Row): undefined {
    remove.run(row.id);
  }

  function later(row: Row, attempts: number, wait: number): undefined {
    postpone.run(attempts, Date.now() + wait, row.id);
  }

  function find(reference: Work["reference"]): FunctionVersion | undefined {
    try {
      return resolveVersion(room, reference);
    } catch {
      return undefined;
    }
  }

  async function expire(
    row: Row,
    target: FunctionVersion,
    condition: "RetriesExhausted" | "EventAgeExceeded",
    result: InvocationResult | undefined,
  ): Promise<undefined> {
    const config = room.store.eventInvokeConfig(row.name, row.qualifier ?? LATEST);
    if (config?.onFailure) await send(config.onFailure, row, target, condition, result);
    if (target.deadLetterArn) {
      await deliver(room, target, target.deadLetterArn, row.payload, {
        RequestID: row.id,
        ErrorCode: "200",
        ErrorMessage: (result?.error?.errorMessage ?? condition).slice(0, 1024),
      }).catch((error: unknown) => refused(target, target.deadLetterArn, error));
    }
    remove.run(row.id);
  }

  async function send(
    destination: string,
    row: Row,
    target: FunctionVersion,
    condition: string,
    result: InvocationResult | undefined,
  ): Promise<void> {
    const record = destinationRecord({
      requestId: row.id,
      functionArn: functionArn(room.hub, { name: row.name, qualifier: row.qualifier ?? LATEST }),
      condition,
      attempts: Math.max(row.attempts, 1),
      payload: row.payload,
      version: target.version,
      result,
    });
    await deliver(room, target, destination, Buffer.from(JSON.stringify(record)), undefined, {
      source: "lambda",
      detailType: `Lambda Function Invocation Result - ${condition === "Success" ? "Success" : "Failure"}`,
      resource: target.arn,
    }).catch((error: unknown) => refused(target, destination, error));
  }

  /** Lambda too drops what a destination refuses; here at least the log says so. */
  function refused(target: FunctionVersion, destination: string | undefined, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    complain(
      target,
      `The result of an asynchronous invocation could not be sent to ${destination}: ${reason}`,
    );
  }

  function complain(target: FunctionVersion, line: string): void {
    room.logs.write(target, "platform", line);
    room.hub.emit({
      type: "function.log",
      time: Date.now(),
      functionName: target.name,
      stream: "stderr",
      line,
    });
  }

  return {
    enqueue(work) {
      const now = Date.now();
      const { name, qualifier } = work.reference;
      insert.run(
        work.requestId || randomUUID(),
        name,
        qualifier ?? null,
        work.payload,
        work.clientContext ?? null,
        now,
        now,
      );
      turns.add(name);
      plan();
    },
    start() {
      stopped = false;
      for (const { name } of names.all()) turns.add(String(name));
      pump();
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await Promise.allSettled(running.values());
    },
  };
}
