/** Schedule expressions: `rate(5 minutes)`, `cron(0 12 * * ? *)` and, for the Scheduler, `at(2030-01-01T00:00:00)`. */
import { cron, ScheduleError, wallClock } from "./cron.ts";

export { ScheduleError } from "./cron.ts";

export interface Schedule {
  readonly kind: "rate" | "cron" | "at";
  /** When it is due next, strictly after a time; a rate counts from its anchor. */
  next(after: number, anchor: number): number | undefined;
}

const units: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

function rate(text: string): Schedule {
  const match = /^(\d+) (minute|hour|day)(s?)$/.exec(text);
  const value = Number(match?.[1]);
  const unit = units[match?.[2] ?? ""];
  if (!match || unit === undefined || value < 1) {
    throw new ScheduleError(`“rate(${text})” must read like rate(5 minutes), rate(1 hour) or rate(2 days).`);
  }
  if ((value === 1) !== (match[3] === "")) {
    throw new ScheduleError(`“rate(${text})”: one takes the singular, more take the plural.`);
  }
  const period = value * unit;
  return {
    kind: "rate",
    next: (after, anchor) => anchor + (Math.floor(Math.max(0, after - anchor) / period) + 1) * period,
  };
}

function at(text: string, zone: string): Schedule {
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)$/.exec(text);
  const wall = match ? Date.parse(`${text}Z`) : Number.NaN;
  if (Number.isNaN(wall)) throw new ScheduleError(`“at(${text})” must read like at(2030-01-31T12:00:00).`);
  const time = wallClock(zone).toInstant(wall);
  return { kind: "at", next: (after) => (time > after ? time : undefined) };
}

/** Reads an expression; fails with a `ScheduleError` that says why. */
export function parseSchedule(expression: string, zone = "UTC"): Schedule {
  const match = /^(rate|cron|at)\((.*)\)$/.exec(expression.trim());
  const text = match?.[2] ?? "";
  if (match?.[1] === "rate") return rate(text);
  if (match?.[1] === "at") return at(text, zone);
  if (match?.[1] === "cron") {
    const next = cron(text, zone);
    return { kind: "cron", next: (after) => next(after) };
  }
  throw new ScheduleError(`“${expression}” must be rate(…), cron(…) or at(…).`);
}
