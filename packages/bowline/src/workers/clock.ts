import { parseSchedule } from "@bowline/cloud";

/** Rings for the crons of Workers, in UTC. */
export interface Clock {
  set(scriptName: string, crons: readonly string[]): void;
  stop(): void;
}

/** A timer counts no further; what is due later is looked at again. */
const LONGEST = 2 ** 31 - 1;

export function cronClock(ring: (scriptName: string, cron: string, time: Date) => void): Clock {
  const timers = new Map<string, Map<string, NodeJS.Timeout>>();

  function wind(scriptName: string, cron: string, after: number): void {
    const due = nextTime(cron, after);
    const own = timers.get(scriptName);
    if (due === undefined || !own) return;
    const wait = Math.min(Math.max(0, due - Date.now()), LONGEST);
    const timer = setTimeout(() => {
      const now = Date.now();
      if (now < due) return wind(scriptName, cron, after);
      ring(scriptName, cron, new Date(due));
      // What a sleeping machine missed is not made up for.
      wind(scriptName, cron, now);
    }, wait);
    timer.unref();
    own.set(cron, timer);
  }

  function stop(scriptName: string): void {
    for (const timer of timers.get(scriptName)?.values() ?? []) clearTimeout(timer);
    timers.delete(scriptName);
  }

  return {
    set(scriptName, crons) {
      stop(scriptName);
      timers.set(scriptName, new Map());
      for (const cron of crons) wind(scriptName, cron, Date.now());
    },
    stop() {
      for (const scriptName of [...timers.keys()]) stop(scriptName);
    },
  };
}

/** When a cron of Cloudflare's five fields is due next. */
export function nextTime(cron: string, after: number): number | undefined {
  const times = expressions(cron).map((expression) => parseSchedule(expression).next(after, after));
  const due = times.filter((time) => time !== undefined);
  return due.length === 0 ? undefined : Math.min(...due);
}

/** The same in EventBridge's six: it wants one of the two days left open, where Cloudflare takes either. */
function expressions(cron: string): string[] {
  const [minute, hour, day, month, weekday] = cron.trim().split(/\s+/);
  const write = (...fields: (string | undefined)[]) => `cron(${fields.join(" ")} *)`;
  if (weekday === "*") return [write(minute, hour, day, month, "?")];
  if (day === "*") return [write(minute, hour, "?", month, weekday)];
  return [write(minute, hour, day, month, "?"), write(minute, hour, "?", month, weekday)];
}
