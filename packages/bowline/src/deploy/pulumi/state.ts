/** The state of a stage at home in a cloud: what Pulumi's CLI can do with it, and the copies that its backend keeps. */

import { randomBytes } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { DeploymentDocument, ResourceState, State } from "@bowline/engine";
import { BowlineError } from "../../error.ts";
import type { Snapshot, StageState } from "../stage-state.ts";
import type { StageCli } from "./cli.ts";
import type { HomeObjects } from "./home-objects.ts";
import { opened } from "./secret-values.ts";

export function pulumiState(options: {
  readonly project: string;
  readonly stage: string;
  /** Of this stage, on this machine. */
  readonly folder: string;
  readonly objects: HomeObjects;
  readonly cli: StageCli;
}): StageState {
  const { project, stage, folder, objects, cli } = options;
  const exported = async ({ showSecrets }: { showSecrets: boolean }) =>
    JSON.parse(
      await cli("stack", "export", ...(showSecrets ? ["--show-secrets"] : [])),
    ) as DeploymentDocument;
  const read = async () => stateOf(await exported({ showSecrets: true }));
  /** The backend keeps what operations made of the state, and nothing of what is done by hand. */
  const keep = async () => {
    const now = await objects.read(`.pulumi/stacks/${project}/${stage}.json`);
    const latest = (await snapshotsOf(options)).at(-1);
    if (now === undefined || (latest && (await objects.read(latest.path)) === now)) return;
    // In nanoseconds, as the backend counts.
    await objects.write(`${ownSnapshots(options)}${stage}-${Date.now()}000000.checkpoint.json`, now);
  };
  const put = async (document: unknown) => {
    await keep();
    // It may hold secrets in plain text.
    const file = join(folder, `import-${randomBytes(4).toString("hex")}.json`);
    try {
      await writeFile(file, JSON.stringify(document), { mode: 0o600 });
      await cli("stack", "import", "--file", file);
    } finally {
      await rm(file, { force: true });
    }
  };
  return {
    read,
    export: exported,
    async import(document) {
      checkDocument(document, project, stage);
      await put(document);
    },
    async remove(urn, { dependents }) {
      const [before] = await Promise.all([read(), keep()]);
      const more = dependents ? ["--target-dependents"] : [];
      // What is forgotten is not deleted, so that protection is not in the way.
      await cli("state", "delete", urn, "--yes", "--force", ...more);
      const left = new Set((await read()).resources.map((resource) => resource.urn));
      return before.resources.map((resource) => resource.urn).filter((known) => !left.has(known));
    },
    async repair() {
      const [before] = await Promise.all([exported({ showSecrets: false }), keep()]);
      const said = await cli("state", "repair", "--yes");
      const after = await exported({ showSecrets: false });
      return JSON.stringify(before.deployment) === JSON.stringify(after.deployment) ? [] : lines(said);
    },
    snapshots: async () => (await snapshotsOf(options)).reverse(),
    async restore(number) {
      const path = (await snapshotsOf(options))[number - 1]?.path;
      const text = path === undefined ? undefined : await objects.read(path);
      if (text === undefined) throw new Error(`there is no snapshot ${number}`);
      const { checkpoint } = JSON.parse(text) as { checkpoint?: { latest?: unknown } };
      await put({ version: 3, deployment: checkpoint?.latest ?? {} });
    },
  };
}

interface Place {
  readonly project: string;
  readonly stage: string;
  readonly objects: HomeObjects;
}

/** From the first one on, so that a number stays what it is: the states after each operation, and before each edit. */
async function snapshotsOf(place: Place): Promise<Snapshot[]> {
  const { project, stage, objects } = place;
  const folders = [`.pulumi/history/${project}/${stage}/`, ownSnapshots(place)];
  const keys = (await Promise.all(folders.map((folder) => objects.list(folder)))).flat();
  return keys
    .flatMap((path) => {
      const [, nanoseconds] = /-(\d+)\.checkpoint\.json$/.exec(path) ?? [];
      return nanoseconds === undefined ? [] : [{ path, at: BigInt(nanoseconds) }];
    })
    .sort((a, b) => (a.at < b.at ? -1 : 1))
    .map(({ path, at }, index) => ({
      number: index + 1,
      time: new Date(Number(at / 1_000_000n)).toISOString(),
      path,
    }));
}

function ownSnapshots({ project, stage }: Place): string {
  return `bowline/snapshots/${project}/${stage}/`;
}

/** A state as the CLI exports it. */
export type Exported = Pick<DeploymentDocument, "deployment">;

/** Its resources, secrets opened but marked. */
export function stateOf({ deployment }: Exported): State {
  // Pulumi leaves out what is empty.
  const complete = (resource: ResourceState): ResourceState => ({
    ...(opened(resource) as ResourceState),
    inputs: opened(resource.inputs ?? {}) as ResourceState["inputs"],
    outputs: opened(resource.outputs ?? {}) as ResourceState["outputs"],
  });
  return {
    resources: (deployment?.resources ?? []).map(complete),
    pending: (deployment.pending_operations ?? []).map((pending) => ({
      ...pending,
      resource: complete(pending.resource),
    })),
  };
}

/** The CLI takes whatever is JSON, and a state of something else would be deleted by the next deploy. */
function checkDocument(document: unknown, project: string, stage: string): void {
  const { version, deployment } = Object(document) as Partial<DeploymentDocument>;
  if (version !== 3 || typeof deployment !== "object") {
    throw new Error("what is to be imported is not a Pulumi deployment of version 3");
  }
  const foreign = (deployment.resources ?? []).find(
    ({ urn }) => !String(urn).startsWith(`urn:pulumi:${stage}::${project}::`),
  );
  if (!foreign) return;
  throw new BowlineError(
    "foreign-state",
    `What is to be imported is the state of something else than ${project}, stage "${stage}": it has ${foreign.urn}.`,
    { hint: `Import what was written by: bowline state export FILE --stage ${stage}`, exitCode: 1 },
  );
}

function lines(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line !== "");
}
