import { describe, expect, it } from "vitest";
import { parseSchedule } from "./expression.ts";

function dates(expression: string, after: string, count = 1, zone?: string): (string | undefined)[] {
  const schedule = parseSchedule(expression, zone);
  const found: (string | undefined)[] = [];
  let time = Date.parse(after);
  for (let i = 0; i < count; i++) {
    const next = schedule.next(time, Date.parse(after));
    found.push(next === undefined ? undefined : new Date(next).toISOString().slice(0, 16));
    time = next ?? time;
  }
  return found;
}

describe("a schedule is due next", () => {
  it.each([
    ["cron(0 12 * * ? *)", "2026-03-01T12:00:00Z", ["2026-03-02T12:00"]],
    ["cron(0/15 8-9 ? * MON-FRI *)", "2026-03-06T09:45:00Z", ["2026-03-09T08:00", "2026-03-09T08:15"]],
    ["cron(0 0 L * ? *)", "2028-02-01T00:00:00Z", ["2028-02-29T00:00", "2028-03-31T00:00"]],
    ["cron(0 0 1W * ? *)", "2026-07-31T00:00:00Z", ["2026-08-03T00:00"]],
    ["cron(30 6 ? * 6L *)", "2026-01-01T00:00:00Z", ["2026-01-30T06:30", "2026-02-27T06:30"]],
    ["cron(0 9 ? * 2#1 *)", "2026-01-01T00:00:00Z", ["2026-01-05T09:00", "2026-02-02T09:00"]],
    ["cron(0 0 29 2 ? *)", "2026-01-01T00:00:00Z", ["2028-02-29T00:00"]],
    ["cron(0 0 1 1 ? 2020)", "2026-01-01T00:00:00Z", [undefined]],
    ["rate(5 minutes)", "2026-01-01T00:01:00Z", ["2026-01-01T00:06", "2026-01-01T00:11"]],
    ["at(2026-05-01T10:00:00)", "2026-01-01T00:00:00Z", ["2026-05-01T10:00"]],
    ["at(2025-05-01T10:00:00)", "2026-01-01T00:00:00Z", [undefined]],
  ])("%s after %s", (expression, after, expected) => {
    expect(dates(expression, after, expected.length)).toEqual(expected);
  });

  it("by the wall clock of its zone, through the change to summer time", () => {
    expect(dates("cron(0 8 * * ? *)", "2026-03-28T00:00:00Z", 2, "Europe/Berlin")).toEqual([
      "2026-03-28T07:00",
      "2026-03-29T06:00",
    ]);
  });

  it.each([
    "rate(1 minutes)",
    "rate(5 minute)",
    "rate(0 minutes)",
    "cron(0 12 * * *)",
    "cron(0 12 * * * *)",
    "cron(61 12 * * ? *)",
    "at(tomorrow)",
    "every(5 minutes)",
  ])("never, where %s makes no sense", (expression) => {
    expect(() => parseSchedule(expression)).toThrow();
  });
});
