/**
 * What was accepted and not yet delivered. A publisher is answered once its deliveries are written here; each is
 * removed when it succeeded or was given up, so that a killed process goes on where it was.
 */
import type { DatabaseSync } from "node:sqlite";
import type { GroupCommit } from "./group-commit.ts";

const schema = `
CREATE TABLE IF NOT EXISTS publication (id INTEGER PRIMARY KEY AUTOINCREMENT, content TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  publication INTEGER NOT NULL,
  target TEXT NOT NULL,
  lane TEXT,
  attempts INTEGER NOT NULL DEFAULT 0,
  due INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS outbox_publication ON outbox (publication);
`;

export interface Job {
  readonly id: number;
  readonly publication: number;
  /** Whom it is for: whatever the service finds its receivers by. */
  readonly target: string;
  /** Jobs of one lane are delivered one after the other. */
  readonly lane: string | null;
  attempts: number;
  due: number;
}

/** `undefined` when the delivery is over, else milliseconds until the next attempt. */
export type Deliver<Content> = (
  content: Content,
  job: Job,
  signal: AbortSignal,
) => Promise<number | undefined>;

/** How many deliveries are under way at a time. */
const width = 64;
/** Milliseconds until a delivery is tried again that failed for no fault of its receiver. */
const again = 1000;

export interface Outbox<Content> {
  /** Writes something and its deliveries: must run inside a commit. The jobs are then to be `send`t. */
  write(content: Content, targets: readonly { target: string; lane: string | null }[]): Job[];
  /** Starts the deliveries of what was written and committed. */
  send(jobs: readonly Job[]): void;
  /** Takes up what an earlier process left. */
  start(): void;
  stop(): void;
}

export function outbox<Content extends { readonly time: number }>(
  database: DatabaseSync,
  commit: GroupCommit,
  deliver: Deliver<Content>,
): Outbox<Content> {
  database.exec(schema);
  const putPublication = database.prepare("INSERT INTO publication (content) VALUES (?)");
  const getPublication = database.prepare("SELECT content FROM publication WHERE id = ?");
  const removePublication = database.prepare(
    "DELETE FROM publication WHERE id = ? AND NOT EXISTS (SELECT 1 FROM outbox WHERE publication = ?)",
  );
  const putJob = database.prepare("INSERT INTO outbox (publication, target, lane, due) VALUES (?, ?, ?, ?)");
  const retryJob = database.prepare("UPDATE outbox SET attempts = ?, due = ? WHERE id = ?");
  const removeJob = database.prepare("DELETE FROM outbox WHERE id = ?");

  const ready: Job[] = [];
  const lanes = new Map<string, Job[]>();
  const timers = new Set<NodeJS.Timeout>();
  const abort = new AbortController();
  let active = 0;
  // A publication usually goes to several subscriptions, one right after the other.
  let latest: { id: number; content: Content } | undefined;

  function load(id: number): Content | undefined {
    if (latest?.id === id) return latest.content;
    const row = getPublication.get(id) as { content: string } | undefined;
    if (!row) return undefined;
    latest = { id, content: JSON.parse(row.content) as Content };
    return latest.content;
  }

  function finish(job: Job): Promise<void> {
    return commit.write(() => {
      removeJob.run(job.id);
      removePublication.run(job.publication, job.publication);
    });
  }

  async function attempt(job: Job): Promise<void> {
    const content = load(job.publication);
    const delay = content === undefined ? undefined : await deliver(content, job, abort.signal);
    if (abort.signal.aborted) return;
    if (delay === undefined) {
      await finish(job);
      leaveLane(job);
      return;
    }
    job.attempts++;
    job.due = Date.now() + delay;
    await commit.write(() => retryJob.run(job.attempts, job.due, job.id));
    schedule(job);
  }

  function pump(): void {
    while (active < width && !abort.signal.aborted) {
      const job = ready.shift();
      if (!job) return;
      active++;
      attempt(job)
        // Not the receiver's failure but ours. The row is still there, and what waits behind it in its lane waits on.
        .catch(() => {
          if (abort.signal.aborted) return;
          job.due = Date.now() + again;
          schedule(job);
        })
        .finally(() => {
          active--;
          pump();
        });
    }
  }

  function schedule(job: Job): void {
    const delay = job.due - Date.now();
    if (delay <= 0) {
      ready.push(job);
      pump();
      return;
    }
    const timer = setTimeout(() => {
      timers.delete(timer);
      ready.push(job);
      pump();
    }, delay);
    timers.add(timer);
  }

  function enterLane(job: Job): void {
    if (job.lane === null) {
      schedule(job);
      return;
    }
    const lane = lanes.get(job.lane);
    if (lane) {
      lane.push(job);
      return;
    }
    lanes.set(job.lane, [job]);
    schedule(job);
  }

  function leaveLane(job: Job): void {
    if (job.lane === null) return;
    const lane = lanes.get(job.lane);
    lane?.shift();
    const next = lane?.[0];
    if (next) schedule(next);
    else lanes.delete(job.lane);
  }

  return {
    write(content, targets) {
      if (targets.length === 0) return [];
      const id = Number(putPublication.run(JSON.stringify(content)).lastInsertRowid);
      return targets.map(({ target, lane }) => ({
        id: Number(putJob.run(id, target, lane, content.time).lastInsertRowid),
        publication: id,
        target,
        lane,
        attempts: 0,
        due: content.time,
      }));
    },
    send(jobs) {
      for (const job of jobs) enterLane(job);
    },
    start() {
      for (const job of database.prepare("SELECT * FROM outbox ORDER BY id").all()) {
        enterLane({ ...(job as unknown as Job) });
      }
    },
    stop() {
      abort.abort();
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
