/**
 * What was published and not yet delivered. A publication is answered once its deliveries are written here; each is
 * removed when it succeeded or was given up, so that a killed process goes on where it was.
 */
import type { DatabaseSync } from "node:sqlite";
import type { GroupCommit } from "../store/group-commit.ts";
import type { Publication } from "./model.ts";

const schema = `
CREATE TABLE IF NOT EXISTS publication (id INTEGER PRIMARY KEY AUTOINCREMENT, content TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  publication INTEGER NOT NULL,
  subscription TEXT NOT NULL,
  lane TEXT,
  attempts INTEGER NOT NULL DEFAULT 0,
  due INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS outbox_publication ON outbox (publication);
`;

export interface Job {
  readonly id: number;
  readonly publication: number;
  readonly subscription: string;
  /** Jobs of one lane are delivered one after the other. */
  readonly lane: string | null;
  attempts: number;
  due: number;
}

/** `undefined` when the delivery is over, else milliseconds until the next attempt. */
export type Deliver = (
  publication: Publication,
  job: Job,
  signal: AbortSignal,
) => Promise<number | undefined>;

/** How many deliveries are under way at a time. */
const width = 64;

export type Outbox = ReturnType<typeof outbox>;

export function outbox(database: DatabaseSync, commit: GroupCommit, deliver: Deliver) {
  database.exec(schema);
  const putPublication = database.prepare("INSERT INTO publication (content) VALUES (?)");
  const getPublication = database.prepare("SELECT content FROM publication WHERE id = ?");
  const removePublication = database.prepare(
    "DELETE FROM publication WHERE id = ? AND NOT EXISTS (SELECT 1 FROM outbox WHERE publication = ?)",
  );
  const putJob = database.prepare(
    "INSERT INTO outbox (publication, subscription, lane, due) VALUES (?, ?, ?, ?)",
  );
  const retryJob = database.prepare("UPDATE outbox SET attempts = ?, due = ? WHERE id = ?");
  const removeJob = database.prepare("DELETE FROM outbox WHERE id = ?");

  const ready: Job[] = [];
  const lanes = new Map<string, Job[]>();
  const timers = new Set<NodeJS.Timeout>();
  const abort = new AbortController();
  let active = 0;
  // A publication usually goes to several subscriptions, one right after the other.
  let latest: { id: number; publication: Publication } | undefined;

  function load(id: number): Publication | undefined {
    if (latest?.id === id) return latest.publication;
    const row = getPublication.get(id) as { content: string } | undefined;
    if (!row) return undefined;
    latest = { id, publication: JSON.parse(row.content) as Publication };
    return latest.publication;
  }

  function finish(job: Job): Promise<void> {
    return commit.write(() => {
      removeJob.run(job.id);
      removePublication.run(job.publication, job.publication);
    });
  }

  async function attempt(job: Job): Promise<void> {
    const publication = load(job.publication);
    const delay = publication ? await deliver(publication, job, abort.signal) : undefined;
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
        // The row is still there: the delivery is repeated after a restart.
        .catch(() => {})
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
    /** Writes a publication and its deliveries: must run inside a commit. The jobs are then to be `send`t. */
    write(
      publication: Publication,
      targets: readonly { subscription: string; lane: string | null }[],
    ): Job[] {
      if (targets.length === 0) return [];
      const id = Number(putPublication.run(JSON.stringify(publication)).lastInsertRowid);
      return targets.map(({ subscription, lane }) => ({
        id: Number(putJob.run(id, subscription, lane, publication.time).lastInsertRowid),
        publication: id,
        subscription,
        lane,
        attempts: 0,
        due: publication.time,
      }));
    },
    /** Starts the deliveries of what was written and committed. */
    send(jobs: readonly Job[]): void {
      for (const job of jobs) enterLane(job);
    },
    /** Takes up what an earlier process left. */
    start(): void {
      for (const job of database.prepare("SELECT * FROM outbox ORDER BY id").all()) {
        enterLane({ ...(job as unknown as Job) });
      }
    },
    stop(): void {
      abort.abort();
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
