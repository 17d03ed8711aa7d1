import { BowlineError } from "../../error.ts";

/** Cron expressions as Cloudflare takes them; one that cannot be is refused before anything is deployed. */
export function cronExpressions(consumer: string, crons: readonly string[]): readonly string[] {
  for (const cron of crons) {
    if (typeof cron === "string" && /^(\S+\s+){4}\S+$/.test(cron.trim())) continue;
    throw new BowlineError("bad-schedule", `${consumer}: the cron is ${JSON.stringify(cron)}.`, {
      hint: 'Write five fields, in UTC: "*/15 * * * *", or "0 3 * * *" for three o\'clock at night.',
    });
  }
  return crons;
}
