/** State as a user may have to handle it: take it out, put it in, mend it. Whoever changes it holds the lock. */

import { readFile } from "node:fs/promises";
import {
  type Checkpoint,
  type DeploymentDocument,
  fromDocument,
  listSnapshots,
  NO_CHECKPOINT,
  parseCheckpoint,
  readCheckpoint,
  toDocument,
  writeCheckpoint,
} from "./checkpoint.ts";
import { removeJournal } from "./journal.ts";
import { openLedger, readStored } from "./ledger.ts";
import { acquireLock } from "./lock.ts";
import { type ResourceState, referencesOf, sortByDependency, stateKey } from "./resource.ts";
import { createSealer, plaintextSealer } from "./sealing.ts";

export interface StateLocation {
  readonly stateDir: string;
  readonly secretsKey: Uint8Array;
}

/** The state as `pulumi stack import` reads it. Secrets stay sealed unless they are asked for. */
export async function exportState(
  { stateDir, secretsKey }: StateLocation,
  options: { readonly showSecrets?: boolean } = {},
): Promise<DeploymentDocument> {
  const sealer = createSealer(secretsKey);
  const stored = await readStored(stateDir, sealer);
  return toDocument(stored, options.showSecrets ? plaintextSealer : sealer);
}

/** Puts a state in place of the present one, which is kept as a snapshot. */
export async function importState(location: StateLocation, document: unknown): Promise<void> {
  const sealer = createSealer(location.secretsKey);
  const imported = fromDocument(document as DeploymentDocument, "what is to be imported", sealer);
  const problem = problemsOf(imported.resources)[0];
  if (problem) throw new Error(`what is to be imported is not a state: ${problem}`);
  await change(location, () => imported);
}

/** Takes a resource out of the state without touching what it stands for. */
export async function removeFromState(
  location: StateLocation,
  urn: string,
  options: { readonly targetDependents?: boolean } = {},
): Promise<readonly ResourceState[]> {
  let removed: ResourceState[] = [];
  await change(location, (state) => {
    const going = new Set(state.resources.filter((resource) => resource.urn === urn));
    if (going.size === 0) throw new Error(`there is no resource ${urn} in the state`);
    const urns = new Set([urn]);
    for (const resource of sortByDependency(state.resources)) {
      const needs = [...referencesOf(resource)].find((needed) => urns.has(needed));
      if (needs === undefined || going.has(resource)) continue;
      if (!options.targetDependents)
        throw new Error(`${resource.urn} depends on ${needs}; remove it first, or with it`);
      going.add(resource);
      urns.add(resource.urn);
    }
    removed = [...going];
    return { ...state, resources: state.resources.filter((resource) => !going.has(resource)) };
  });
  return removed;
}

/**
 * Mends a state: puts resources in order, drops references to what is not there and doubles, and, where the file
 * itself cannot be read, goes back to the latest snapshot that can. Says what it did.
 */
export async function repairState(location: StateLocation): Promise<string[]> {
  const { stateDir, secretsKey } = location;
  const sealer = createSealer(secretsKey);
  const lock = await acquireLock(stateDir, "state repair");
  try {
    const done: string[] = [];
    let state: Checkpoint;
    try {
      state = await readStored(stateDir, sealer);
    } catch (error) {
      done.push(`the state could not be read: ${error instanceof Error ? error.message : String(error)}`);
      state = await latestSnapshot(location, done);
    }
    done.push(...problemsOf(state.resources));
    if (done.length === 0) return done;
    const resources = withoutProblems(state.resources);
    await writeCheckpoint(stateDir, { ...state, generation: state.generation + 1, resources }, sealer);
    await removeJournal(stateDir);
    return done;
  } finally {
    await lock.release();
  }
}

/** Goes back to an earlier state; the present one is kept as a snapshot. */
export async function restoreSnapshot(location: StateLocation, generation: number): Promise<void> {
  const snapshot = (await listSnapshots(location.stateDir)).find((one) => one.generation === generation);
  if (!snapshot) throw new Error(`there is no snapshot ${generation}`);
  await importState(location, JSON.parse(await readFile(snapshot.path, "utf8")));
}

async function change(
  { stateDir, secretsKey }: StateLocation,
  edit: (state: Checkpoint) => Checkpoint,
): Promise<void> {
  const sealer = createSealer(secretsKey);
  const lock = await acquireLock(stateDir, "state");
  try {
    await (await openLedger(stateDir, sealer)).close();
    const current = await readCheckpoint(stateDir, sealer);
    const { resources, pending } = edit(current);
    await writeCheckpoint(stateDir, { generation: current.generation + 1, resources, pending }, sealer);
    await removeJournal(stateDir);
  } finally {
    await lock.release();
  }
}

async function latestSnapshot({ stateDir, secretsKey }: StateLocation, done: string[]): Promise<Checkpoint> {
  const sealer = createSealer(secretsKey);
  const snapshots = await listSnapshots(stateDir);
  for (const { generation, path } of snapshots) {
    try {
      const state = parseCheckpoint(await readFile(path, "utf8"), path, sealer);
      done.push(`went back to snapshot ${generation}`);
      return { ...state, generation: (snapshots[0]?.generation ?? 0) + 2 };
    } catch {
      done.push(`snapshot ${generation} cannot be read either`);
    }
  }
  done.push("there is no readable snapshot: the state is empty now");
  return NO_CHECKPOINT;
}

function problemsOf(resources: readonly ResourceState[]): string[] {
  const problems: string[] = [];
  const urns = new Set(resources.map(({ urn }) => urn));
  const seen = new Set<string>();
  for (const resource of resources) {
    const key = stateKey(resource);
    if (seen.has(key)) problems.push(`${resource.urn} is there twice`);
    seen.add(key);
    for (const urn of referencesOf(resource)) {
      if (!urns.has(urn)) problems.push(`${resource.urn} refers to ${urn}, which is not there`);
    }
  }
  const sorted = sortByDependency(resources);
  if (sorted.some((resource, index) => resource !== resources[index]))
    problems.push("resources are out of order");
  return problems;
}

function withoutProblems(resources: readonly ResourceState[]): ResourceState[] {
  const unique = [...new Map(resources.map((resource) => [stateKey(resource), resource])).values()];
  const urns = new Set(unique.map(({ urn }) => urn));
  const exists = (urn: string) => urns.has(urn);
  return sortByDependency(
    unique.map((resource) => {
      const { parent, deletedWith, dependencies, propertyDependencies, ...rest } = resource;
      return {
        ...rest,
        ...(parent && exists(parent) ? { parent } : {}),
        ...(deletedWith && exists(deletedWith) ? { deletedWith } : {}),
        ...(dependencies ? { dependencies: dependencies.filter(exists) } : {}),
        ...(propertyDependencies
          ? {
              propertyDependencies: Object.fromEntries(
                Object.entries(propertyDependencies).map(([key, needed]) => [key, needed.filter(exists)]),
              ),
            }
          : {}),
      };
    }),
  );
}
