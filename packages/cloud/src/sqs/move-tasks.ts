/** Redriving: moving the messages of a dead-letter queue back, in the background, through restarts. */
import { randomUUID } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { AwsError } from "../error.ts";
import { type Call, type Operation, operation } from "../service.ts";
import { invalidParameter } from "./errors.ts";
import { type Input, integer, requiredText, text } from "./input.ts";
import type { Queue, StoredMessage } from "./model.ts";
import { transfer } from "./receive.ts";
import type { SqsState } from "./state.ts";

const schema = `
CREATE TABLE IF NOT EXISTS move_task (
  id TEXT PRIMARY KEY,
  source TEXT NOT NULL,
  destination TEXT,
  rate INTEGER NOT NULL,
  status TEXT NOT NULL,
  moved INTEGER NOT NULL DEFAULT 0,
  to_move INTEGER NOT NULL,
  started INTEGER NOT NULL,
  failure TEXT
)`;

interface Task {
  id: string;
  source: string;
  destination: string | null;
  /** Messages a second; 0 for as fast as it goes. */
  rate: number;
  status: "RUNNING" | "COMPLETED" | "CANCELLING" | "CANCELLED" | "FAILED";
  moved: number;
  to_move: number;
  started: number;
  failure: string | null;
}

function handleOf(task: Task): string {
  return Buffer.from(JSON.stringify({ taskId: task.id, sourceArn: task.source })).toString("base64");
}

function taskIdOf(handle: string): string {
  try {
    const { taskId } = JSON.parse(Buffer.from(handle, "base64").toString()) as { taskId: unknown };
    if (typeof taskId === "string") return taskId;
  } catch {
    // Said below: any unreadable handle is the same mistake.
  }
  throw invalidParameter("Value for parameter TaskHandle is invalid.");
}

function sourceOf(handle: string): string {
  try {
    const { sourceArn } = JSON.parse(Buffer.from(handle, "base64").toString()) as { sourceArn: unknown };
    if (typeof sourceArn === "string") return sourceArn;
  } catch {
    // As above.
  }
  throw invalidParameter("Value for parameter TaskHandle is invalid.");
}

function noSuchResource(what: string): AwsError {
  return new AwsError(
    "ResourceNotFoundException",
    `The resource that you specified for the ${what} parameter doesn't exist.`,
    404,
  );
}

export function moveTasks(state: SqsState, database: DatabaseSync) {
  database.exec(schema);
  const insert = database.prepare(
    "INSERT INTO move_task (id, source, destination, rate, status, to_move, started) VALUES (?, ?, ?, ?, ?, ?, ?)",
  );
  const find = database.prepare("SELECT * FROM move_task WHERE id = ?");
  const ofSource = database.prepare("SELECT * FROM move_task WHERE source = ? ORDER BY started DESC LIMIT ?");
  const running = database.prepare("SELECT * FROM move_task WHERE status IN ('RUNNING', 'CANCELLING')");
  const progress = database.prepare("UPDATE move_task SET moved = ?, status = ?, failure = ? WHERE id = ?");
  const timers = new Map<string, NodeJS.Timeout>();

  const load = (id: string) => find.get(id) as unknown as Task | undefined;

  function isDeadLetterQueue(queue: Queue): boolean {
    return state.queues.all().some(({ settings }) => settings.redrive?.deadLetterTargetArn === queue.arn);
  }

  function targetOf(task: Task, message: StoredMessage): Queue | undefined {
    const arn = task.destination ?? message.dead_source;
    return arn === null ? undefined : state.queues.byArn(arn);
  }

  /** Moves one portion; true when there is more to do. */
  function step(task: Task): boolean {
    const save = (status: Task["status"], failure?: string) =>
      progress.run(task.moved, status, failure ?? null, task.id);
    const now = Date.now();
    const source = state.queues.byArn(task.source);
    if (task.status === "CANCELLING") {
      save("CANCELLED");
      return false;
    }
    if (!source) {
      save("FAILED", "AWS.SimpleQueueService.NonExistentQueue");
      return false;
    }
    const left = task.to_move - task.moved;
    const messages = state.messages.visible(source.id, now, Math.min(left, task.rate || 100));
    for (const message of messages) {
      const target = targetOf(task, message);
      if (!target) {
        save(
          "FAILED",
          task.destination ? "AWS.SimpleQueueService.NonExistentQueue" : "CouldNotDetermineMessageSource",
        );
        return false;
      }
      // A redriven message is a new one, but for its content.
      const fresh = {
        receives: 0,
        first_received: null,
        sent: now,
        message_id: randomUUID(),
        dead_source: null,
      };
      transfer(state, source, target, message, fresh, now);
      task.moved++;
    }
    const done = messages.length === 0 || task.moved >= task.to_move;
    save(done ? "COMPLETED" : "RUNNING");
    return !done;
  }

  function run(id: string): void {
    timers.delete(id);
    const task = load(id);
    if (!task) return;
    state.commit
      .write(() => step(task))
      .then(
        (more) => {
          if (more) schedule(id, task.rate > 0 ? 1000 : 0);
        },
        () => {},
      );
  }

  function schedule(id: string, delay: number): void {
    timers.set(
      id,
      setTimeout(() => run(id), delay),
    );
  }

  const operations: Record<string, Operation> = {
    StartMessageMoveTask: operation({
      access(input: Input) {
        const resource = requiredText(input, "SourceArn");
        const destination = text(input, "DestinationArn");
        const needs = ["StartMessageMoveTask", "ReceiveMessage", "DeleteMessage", "GetQueueAttributes"].map(
          (action) => ({ action: `sqs:${action}`, resource }),
        );
        const targets = destination
          ? [destination]
          : state.queues
              .all()
              .filter(({ settings }) => settings.redrive?.deadLetterTargetArn === resource)
              .map(({ arn }) => arn);
        return [...needs, ...targets.map((arn) => ({ action: "sqs:SendMessage", resource: arn }))];
      },
      async run(input: Input, call: Call) {
        const source = state.queues.byArn(requiredText(input, "SourceArn"));
        if (!source) throw noSuchResource("SourceArn");
        const destination = text(input, "DestinationArn");
        const target = destination === undefined ? undefined : state.queues.byArn(destination);
        if (destination !== undefined && !target) throw noSuchResource("DestinationArn");
        if (target && target.settings.fifo !== source.settings.fifo) {
          throw invalidParameter("The destination queue must be of the same type as the source queue.");
        }
        if (!isDeadLetterQueue(source)) {
          throw invalidParameter("Source queue must be configured as a Dead Letter Queue.");
        }
        const rate = integer(input, "MaxNumberOfMessagesPerSecond", 1, 500) ?? 0;
        const active = running.all() as unknown as Task[];
        if (active.some((task) => task.source === source.arn)) {
          throw new AwsError(
            "UnsupportedOperation",
            "There is already a task running. Only one active task is allowed for a source queue arn at a given time.",
          );
        }
        const { visible } = state.messages.counts(source.id, call.time);
        const id = randomUUID();
        await state.commit.write(() =>
          insert.run(id, source.arn, destination ?? null, rate, "RUNNING", visible, call.time),
        );
        schedule(id, 0);
        const task = load(id);
        return { TaskHandle: task ? handleOf(task) : undefined };
      },
    }),
    CancelMessageMoveTask: operation({
      access: (input: Input) =>
        ["CancelMessageMoveTask", "ReceiveMessage", "DeleteMessage", "GetQueueAttributes"].map((action) => ({
          action: `sqs:${action}`,
          resource: sourceOf(requiredText(input, "TaskHandle")),
        })),
      async run(input: Input) {
        const task = load(taskIdOf(requiredText(input, "TaskHandle")));
        if (task?.status !== "RUNNING") {
          throw new AwsError("ResourceNotFoundException", "Task does not exist, or is not running.", 404);
        }
        clearTimeout(timers.get(task.id));
        await state.commit.write(() => progress.run(task.moved, "CANCELLED", null, task.id));
        return { ApproximateNumberOfMessagesMoved: task.moved };
      },
    }),
    ListMessageMoveTasks: operation({
      access: (input: Input) =>
        ["ListMessageMoveTasks", "ReceiveMessage", "DeleteMessage", "GetQueueAttributes"].map((action) => ({
          action: `sqs:${action}`,
          resource: requiredText(input, "SourceArn"),
        })),
      run(input: Input) {
        const source = state.queues.byArn(requiredText(input, "SourceArn"));
        if (!source) throw noSuchResource("SourceArn");
        const limit = integer(input, "MaxResults", 1, 10) ?? 1;
        const tasks = ofSource.all(source.arn, limit) as unknown as Task[];
        return {
          Results: tasks.map((task) => ({
            TaskHandle: task.status === "RUNNING" ? handleOf(task) : undefined,
            Status: task.status,
            SourceArn: task.source,
            DestinationArn: task.destination ?? undefined,
            MaxNumberOfMessagesPerSecond: task.rate || undefined,
            ApproximateNumberOfMessagesMoved: task.moved,
            ApproximateNumberOfMessagesToMove: task.to_move,
            FailureReason: task.failure ?? undefined,
            StartedTimestamp: task.started,
          })),
        };
      },
    }),
  };

  return {
    operations,
    /** Goes on with what was running when the process ended. */
    start(): void {
      for (const task of running.all() as unknown as Task[]) schedule(task.id, 0);
    },
    stop(): void {
      for (const timer of timers.values()) clearTimeout(timer);
    },
  };
}
