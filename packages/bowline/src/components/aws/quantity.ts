import { BowlineError } from "../../error.ts";

const TIME = { second: 1, seconds: 1, minute: 60, minutes: 60, hour: 3600, hours: 3600 } as const;
const SIZE = { mb: 1, gb: 1024 } as const;

/** `20`, `"20 seconds"` or `"3 minutes"` in seconds. */
export function seconds(value: number | string, owner: string, what = "timeout"): number {
  return quantity(value, TIME, `${owner}: ${what}`, '"20 seconds" or "3 minutes"');
}

/** `1024`, `"1024 MB"` or `"2 GB"` in megabytes. */
export function megabytes(value: number | string, owner: string): number {
  return quantity(value, SIZE, `${owner}: memory`, '"1024 MB" or "2 GB"');
}

function quantity(
  value: number | string,
  units: Readonly<Record<string, number>>,
  what: string,
  examples: string,
): number {
  if (typeof value === "number" && Number.isFinite(value) && value > 0) return Math.round(value);
  const match = /^\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*$/i.exec(String(value));
  const factor = units[match?.[2]?.toLowerCase() ?? ""];
  if (!match || factor === undefined) {
    throw new BowlineError("bad-quantity", `${what} is ${JSON.stringify(value)}.`, {
      hint: `Write ${examples}.`,
    });
  }
  return Math.round(Number(match[1]) * factor);
}
