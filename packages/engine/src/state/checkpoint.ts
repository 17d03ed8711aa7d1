/** The checkpoint: all of a stack's resources in one file, in the shape that `pulumi stack import` reads. */

import { link, mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ResourceState } from "./resource.ts";
import type { Sealer } from "./sealing.ts";

const CHECKPOINT = "state.json";
const SNAPSHOTS = "snapshots";
const SNAPSHOTS_KEPT = 20;

/** An operation that had begun, and of which nobody knows how it ended. */
export interface PendingOperation {
  readonly type: "creating" | "updating" | "deleting";
  /** As it was to become; of a deletion, as it was. */
  readonly resource: ResourceState;
  /** What the names of an interrupted creation derive from (base64). */
  readonly seed?: string;
}

export interface Checkpoint {
  /** Grows with every checkpoint written; a journal belongs to exactly one. */
  readonly generation: number;
  readonly resources: readonly ResourceState[];
  readonly pending: readonly PendingOperation[];
}

/** Pulumi's `apitype.UntypedDeployment`, and the generation, which Pulumi ignores. */
export interface DeploymentDocument {
  readonly version: 3;
  readonly generation?: number;
  readonly deployment: {
    readonly manifest: { readonly time: string; readonly magic: string; readonly version: string };
    readonly resources?: readonly ResourceState[];
    readonly pending_operations?: readonly PendingOperation[];
    readonly secrets_providers?: { readonly type: string; readonly state?: unknown };
  };
}

export const NO_CHECKPOINT: Checkpoint = { generation: 0, resources: [], pending: [] };

export async function readCheckpoint(stateDir: string, sealer: Sealer): Promise<Checkpoint> {
  const path = join(stateDir, CHECKPOINT);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && (error as NodeJS.ErrnoException).code === "ENOENT") return NO_CHECKPOINT;
    throw error;
  }
  return parseCheckpoint(text, path, sealer);
}

export function parseCheckpoint(text: string, source: string, sealer: Sealer): Checkpoint {
  let document: DeploymentDocument;
  try {
    document = JSON.parse(text) as DeploymentDocument;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `${source} is not valid JSON (${reason}); earlier states are in the folder "${SNAPSHOTS}" beside it`,
    );
  }
  return fromDocument(document, source, sealer);
}

export function fromDocument(document: DeploymentDocument, source: string, sealer: Sealer): Checkpoint {
  if (document?.version !== 3 || typeof document.deployment !== "object") {
    throw new Error(`${source} is not a Pulumi deployment of version 3`);
  }
  const { resources = [], pending_operations = [] } = document.deployment;
  return {
    generation: document.generation ?? 0,
    resources: resources.map((resource) => sealer.open(complete(resource))),
    pending: pending_operations.map((pending) => ({
      ...pending,
      resource: sealer.open(complete(pending.resource)),
    })),
  };
}

/** Pulumi leaves out what is empty. */
function complete(resource: ResourceState): ResourceState {
  if (typeof resource?.urn !== "string" || typeof resource.type !== "string") {
    throw new Error("the state holds a resource without a URN or a type");
  }
  return { ...resource, inputs: resource.inputs ?? {}, outputs: resource.outputs ?? {} };
}

export function toDocument(checkpoint: Checkpoint, sealer: Sealer): DeploymentDocument {
  const { resources, pending, generation } = checkpoint;
  return {
    version: 3,
    generation,
    deployment: {
      manifest: { time: new Date().toISOString(), magic: "", version: "" },
      secrets_providers: { type: "bowline" },
      resources: resources.map(sealer.seal),
      ...(pending.length > 0
        ? {
            pending_operations: pending.map((operation) => ({
              ...operation,
              resource: sealer.seal(operation.resource),
            })),
          }
        : {}),
    },
  };
}

/** Replaces the checkpoint: whole or not at all, whatever happens meanwhile. The one before is kept as a snapshot. */
export async function writeCheckpoint(
  stateDir: string,
  checkpoint: Checkpoint,
  sealer: Sealer,
): Promise<void> {
  await mkdir(stateDir, { recursive: true });
  const path = join(stateDir, CHECKPOINT);
  const draft = `${path}.new`;
  const file = await open(draft, "w", 0o600);
  try {
    await file.writeFile(JSON.stringify(toDocument(checkpoint, sealer)));
    await file.sync();
  } finally {
    await file.close();
  }
  await keepSnapshot(stateDir, path, checkpoint.generation - 1);
  await rename(draft, path);
  await syncDirectory(stateDir);
}

export async function syncDirectory(path: string): Promise<void> {
  // Not every system lets a folder be opened; where it does not, renames are durable by themselves.
  const directory = await open(path, "r").catch(() => undefined);
  if (!directory) return;
  try {
    await directory.sync();
  } catch {
    // Nothing more can be done.
  } finally {
    await directory.close();
  }
}

async function keepSnapshot(stateDir: string, path: string, generation: number): Promise<void> {
  const folder = join(stateDir, SNAPSHOTS);
  await mkdir(folder, { recursive: true });
  const snapshot = join(folder, `${String(generation).padStart(8, "0")}.json`);
  try {
    await link(path, snapshot);
  } catch (error) {
    const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
    if (code !== "ENOENT" && code !== "EEXIST") throw error;
  }
  const all = await listSnapshots(stateDir);
  await Promise.all(all.slice(SNAPSHOTS_KEPT).map(({ path: old }) => rm(old, { force: true })));
}

/** Earlier states, the latest first. */
export async function listSnapshots(stateDir: string): Promise<{ generation: number; path: string }[]> {
  const folder = join(stateDir, SNAPSHOTS);
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((name) => /^\d+\.json$/.test(name))
    .map((name) => ({ generation: Number.parseInt(name, 10), path: join(folder, name) }))
    .sort((a, b) => b.generation - a.generation);
}
