import type { App } from "../../config/app.ts";
import { findMiniflare, noMiniflare } from "../../workers/miniflare.ts";

const asked = new WeakSet<App>();

/** Without what runs Workers here nothing is begun; that is said once for all that need it. */
export function requireMiniflare(app: App): void {
  if (app.home !== "local" || app.purpose !== "deploy" || asked.has(app)) return;
  asked.add(app);
  if (findMiniflare(app.root) === undefined) app.report(noMiniflare());
}
