import { WorkerEntrypoint } from "cloudflare:workers";
import type { Env } from "bowline";

/** Has no URL: other Workers call its methods. */
export default class Tides extends WorkerEntrypoint<Env<"Tides">> {
  at(hour: number): string {
    return `${this.env.Settings.greeting}: ${Math.floor(hour / 6) % 2 === 0 ? "high" : "low"} water`;
  }
}
