import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { type Output, output } from "@pulumi/pulumi";
import { buildArtifact } from "../../build/build.ts";
import { checkHandler } from "../../build/check/index.ts";
import type { BuildRequest } from "../../build/request.ts";
import { WORKER_MODULE } from "../../build/worker.ts";
import type { App } from "../../config/app.ts";
import { typedConsumer } from "../../types/collect.ts";
import { declaredLinks } from "../late-links.ts";
import type { WorkerArgs } from "./worker-args.ts";
import { envOf } from "./worker-env.ts";
import { knownBindings } from "./worker-links.ts";

/** Builds the handler and checks it against the links; both must succeed before anything is created. */
export function buildHandler(
  app: App,
  request: BuildRequest,
  args: WorkerArgs,
): Output<{ readonly file: string; readonly sha256: string }> {
  const artifact = buildArtifact(app, request);
  const declared = declaredLinks(app, args.link);
  app.require(artifact);
  if (app.purpose === "types") {
    const typed = declared.then((link) =>
      typedConsumer({ name: request.consumer, ...request }, link, envOf(request.consumer, args, link)),
    );
    app.require(typed.then((consumer) => app.typed(consumer)));
  } else {
    const known = declared.then((link) => knownBindings(request.consumer, link));
    app.require(known);
    const env = declared.then((link) => Object.keys(envOf(request.consumer, args, link)));
    const checked = Promise.all([artifact, known, env]).then(
      ([{ modules }, links, names]) => links && checkHandler(app, request, links, modules, { env: names }),
      () => undefined,
    );
    app.require(checked);
  }
  return output(
    artifact.then(
      async ({ files }) => {
        const file = files[WORKER_MODULE];
        if (file === undefined) return { file: "", sha256: "" };
        return {
          file,
          sha256: createHash("sha256")
            .update(await readFile(file))
            .digest("hex"),
        };
      },
      () => Promise.reject(new Error("the handler was not built")),
    ),
  );
}
