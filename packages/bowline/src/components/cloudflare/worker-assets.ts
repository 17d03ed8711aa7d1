import { existsSync } from "node:fs";
import { join } from "node:path";
import type { WorkersScriptAssets } from "@pulumi/cloudflare/types/input.js";
import type { App } from "../../config/app.ts";
import { BowlineError } from "../../error.ts";

export interface WorkerAssets {
  /** The folder, from the app's. */
  readonly directory: string;
  /** The binding that reads them: `env.<binding>`. Default `ASSETS`. */
  readonly binding?: string;
  /** What answers for a path that is no file, where the handler is not to. Default `"none"`. */
  readonly notFound?: "none" | "404-page" | "single-page-application";
  /** Asks the handler first, even for what is a file. Default `false`. */
  readonly handlerFirst?: boolean;
}

export function assetsOf(app: App, name: string, assets: WorkerAssets): WorkersScriptAssets {
  const directory = join(app.root, assets.directory);
  if (app.purpose !== "types" && !existsSync(directory)) {
    app.report(
      new BowlineError("no-assets", `${name}: there is no folder "${assets.directory}" for its assets.`, {
        hint: `Looked for ${directory}. Build what makes it first.`,
      }),
    );
  }
  return {
    directory,
    config: {
      notFoundHandling: assets.notFound ?? "none",
      ...(assets.handlerFirst ? { runWorkerFirst: true } : {}),
    },
  };
}
