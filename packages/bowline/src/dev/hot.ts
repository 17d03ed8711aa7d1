import { readFile } from "node:fs/promises";
import type { Artifact } from "../build/artifact.ts";
import { buildArtifact } from "../build/build.ts";
import type { FinishedBuild } from "../config/app.ts";
import type { LocalCloud } from "../deploy/cloud.ts";
import type { Consumer } from "../deploy/manifest.ts";
import { PAYLOAD_FILE } from "../link/payload.ts";
import { awsClient } from "../providers/client.ts";
import { packFiles } from "../providers/lambda/package.ts";
import type { StageWorkers } from "../workers/stage.ts";

/** The functions and Workers that were made of a changed file; none when the program itself was, which only a deployment follows. */
export function affectedBuilds(
  changed: ReadonlySet<string>,
  programSources: ReadonlySet<string>,
  builds: ReadonlyMap<string, FinishedBuild>,
): FinishedBuild[] {
  if ([...changed].some((file) => programSources.has(file))) return [];
  return [...builds.values()].filter(({ sources }) => sources.some((file) => changed.has(file)));
}

/** A function or Worker with its new code, before it runs. */
export interface Rebuilt {
  readonly build: FinishedBuild;
  readonly artifact: Artifact;
}

export async function rebuild(
  options: { readonly root: string; readonly artifacts: string },
  build: FinishedBuild,
): Promise<Rebuilt> {
  let rebuilt = build;
  const artifact = await buildArtifact(
    {
      root: options.root,
      artifacts: options.artifacts,
      home: "local",
      purpose: "deploy",
      progress: () => undefined,
      built: (finished) => {
        rebuilt = finished;
      },
    },
    build.request,
  );
  return { build: rebuilt, artifact };
}

/** Gives a running function or Worker its new code, and nothing else: what a deployment would do, without the rest of it. */
export async function replaceCode(
  options: { readonly cloud: LocalCloud; readonly workers: StageWorkers },
  artifact: Artifact,
  consumer: Consumer,
): Promise<void> {
  if (consumer.kind === "worker") {
    return options.workers.replaceCode(consumer.functionName, artifact.files[artifact.handler] ?? "");
  }
  const paths = Object.entries(
    consumer.payload ? { ...artifact.files, [PAYLOAD_FILE]: consumer.payload } : artifact.files,
  );
  const files = await Promise.all(paths.map(async ([path, file]) => [path, await readFile(file)] as const));
  await awsClient(options.cloud).restJson(
    "lambda",
    "PUT",
    `/2015-03-31/functions/${consumer.functionName}/code`,
    {
      ZipFile: Buffer.from(packFiles(new Map(files))).toString("base64"),
    },
  );
}
