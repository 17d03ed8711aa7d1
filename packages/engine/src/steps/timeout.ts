import { TimeoutError } from "../deployment.ts";
import type { ResourceState } from "../state/resource.ts";

/** Holds an operation to its `customTimeouts`; without one it may take as long as it likes. */
export async function withTimeout<T>(
  operation: "create" | "update" | "delete",
  resource: ResourceState,
  work: (signal: AbortSignal) => T | Promise<T>,
): Promise<T> {
  const seconds = resource.customTimeouts?.[operation];
  const controller = new AbortController();
  if (!seconds) return work(controller.signal);
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const error = new TimeoutError(
      `${operation} did not end within ${seconds} s (customTimeouts.${operation})`,
    );
    controller.abort(error);
    reject(error);
  }, seconds * 1000);
  try {
    return await Promise.race([work(controller.signal), promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Go's durations, as `customTimeouts` writes them: `1h30m`, `90s`, `500ms`. In seconds. */
export function parseDuration(text: string): number | undefined {
  if (text === "") return undefined;
  const units: Record<string, number> = { h: 3600, m: 60, s: 1, ms: 1e-3, us: 1e-6, µs: 1e-6, ns: 1e-9 };
  let seconds = 0;
  let end = 0;
  for (const match of text.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ms|us|µs|ns|h|m|s)/g)) {
    if (match.index !== end) break;
    end += match[0].length;
    seconds += Number(match[1]) * (units[match[2] ?? ""] ?? 0);
  }
  if (end !== text.length) throw new Error(`"${text}" is not a duration; write it like 5m or 1h30m`);
  return seconds;
}
