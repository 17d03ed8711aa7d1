import { BowlineError } from "../error.ts";
import type { Artifact, BuildApp } from "./artifact.ts";
import { buildNode } from "./node.ts";
import { buildPython } from "./python.ts";
import type { BuildRequest } from "./request.ts";
import { buildWorker } from "./worker.ts";

/** Builds a function's handler into files on disk, named by their content. */
export async function buildArtifact(app: BuildApp, request: BuildRequest): Promise<Artifact> {
  if (app.purpose === "types") return { handler: request.handler, files: {}, sources: [], modules: [] };
  const build = BUILDERS.find(([prefix]) => request.runtime.startsWith(prefix))?.[1];
  if (build) {
    const artifact = await build(app, request);
    app.built({ request, sources: artifact.sources });
    return artifact;
  }
  throw new BowlineError("bad-runtime", `${request.consumer}: there is no runtime "${request.runtime}".`, {
    hint: 'Use "nodejs24.x", "nodejs22.x" or "python3.12".',
  });
}

const BUILDERS = [
  ["nodejs", buildNode],
  ["python", buildPython],
  ["workerd", buildWorker],
] as const;
