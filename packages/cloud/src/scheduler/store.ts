/** The schedules: kept in a table, and whole in memory. */
import type { DatabaseSync } from "node:sqlite";
import type { StoredSchedule } from "./model.ts";

const schema = `
CREATE TABLE IF NOT EXISTS schedule (arn TEXT PRIMARY KEY, content TEXT NOT NULL, last_run INTEGER)`;

export type ScheduleStore = ReturnType<typeof scheduleStore>;

export function scheduleStore(database: DatabaseSync) {
  database.exec(schema);
  const put = database.prepare("INSERT OR REPLACE INTO schedule (arn, content) VALUES (?, ?)");
  const note = database.prepare("UPDATE schedule SET last_run = ? WHERE arn = ?");
  const remove = database.prepare("DELETE FROM schedule WHERE arn = ?");
  const schedules = new Map<string, StoredSchedule>();
  const runs = new Map<string, number>();
  const rows = database.prepare("SELECT * FROM schedule").all();
  for (const row of rows as unknown as { arn: string; content: string; last_run: number | null }[]) {
    schedules.set(row.arn, JSON.parse(row.content) as StoredSchedule);
    if (row.last_run !== null) runs.set(row.arn, row.last_run);
  }
  return {
    get: (arn: string): StoredSchedule | undefined => schedules.get(arn),
    all: (): StoredSchedule[] => [...schedules.values()],
    lastRun: (arn: string): number | undefined => runs.get(arn),
    /** Writes a new or changed schedule, which has not run yet. */
    save(schedule: StoredSchedule): void {
      schedules.set(schedule.Arn, schedule);
      runs.delete(schedule.Arn);
      put.run(schedule.Arn, JSON.stringify(schedule));
    },
    ran(arn: string, time: number): void {
      runs.set(arn, time);
      note.run(time, arn);
    },
    remove(arn: string): void {
      schedules.delete(arn);
      runs.delete(arn);
      remove.run(arn);
    },
  };
}
