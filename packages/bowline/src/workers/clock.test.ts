import { expect, test } from "vitest";
import { nextTime } from "./clock.ts";

const NEW_YEAR = Date.UTC(2026, 0, 1, 0, 7); // a Thursday

test.each([
  ["*/15 * * * *", "2026-01-01T00:15:00.000Z"],
  ["0 3 * * *", "2026-01-01T03:00:00.000Z"],
  ["30 12 1 6 *", "2026-06-01T12:30:00.000Z"],
  // Cloudflare's weeks begin on Sunday, which is 1.
  ["0 17 * * 1", "2026-01-04T17:00:00.000Z"],
  ["0 17 * * MON-FRI", "2026-01-01T17:00:00.000Z"],
  // Either day does.
  ["0 0 15 * SUN", "2026-01-04T00:00:00.000Z"],
  ["0 0 2 * SUN", "2026-01-02T00:00:00.000Z"],
])("the cron %s is due next at %s", (cron, due) => {
  expect(new Date(nextTime(cron, NEW_YEAR) ?? 0).toISOString()).toBe(due);
});
