/** The one place that knows what exists: checkpoint plus journal, kept equal in memory and on disk. */

import { mkdir } from "node:fs/promises";
import {
  type Checkpoint,
  NO_CHECKPOINT,
  type PendingOperation,
  readCheckpoint,
  writeCheckpoint,
} from "./checkpoint.ts";
import {
  createJournal,
  type Journal,
  type JournalContent,
  type JournalEntry,
  readJournal,
  removeJournal,
} from "./journal.ts";
import { type ResourceState, sortByDependency, stateKey } from "./resource.ts";
import type { Sealer } from "./sealing.ts";

export interface Changes {
  readonly put?: readonly ResourceState[];
  /** Keys (`stateKey`) of resources that are no more. */
  readonly drop?: readonly string[];
}

/** Where a deployment writes what it does. A preview has one that forgets. */
export interface Ledger {
  readonly generation: number;
  readonly resources: readonly ResourceState[];
  readonly pending: readonly PendingOperation[];
  /** To be awaited before the operation starts. The number names it when it ends. */
  begin(operation: PendingOperation): Promise<number>;
  /** To be awaited before anybody builds upon the outcome. */
  end(operation: number, changes: Changes): Promise<void>;
  /** A change that no operation stands behind; on disk at the latest with the next that is awaited. */
  note(changes: Changes): void;
  /** Settles an operation that an earlier run left behind. */
  settle(pending: PendingOperation, changes: Changes): Promise<void>;
  close(): Promise<void>;
}

/** Reads state without holding the lock: consistent, though a run under way may be ahead of it. */
export async function readStored(stateDir: string, sealer: Sealer): Promise<Checkpoint> {
  for (let attempt = 0; ; attempt++) {
    const checkpoint = await readCheckpoint(stateDir, sealer);
    const journal = await readJournal(stateDir);
    // A checkpoint was written between the two reads.
    if (journal && journal.generation > checkpoint.generation && attempt < 10) continue;
    return replay(checkpoint, journal, sealer);
  }
}

function replay(checkpoint: Checkpoint, journal: JournalContent | undefined, sealer: Sealer): Checkpoint {
  if (!journal || journal.generation !== checkpoint.generation) return checkpoint;
  const resources = new Map(checkpoint.resources.map((resource) => [stateKey(resource), resource]));
  const begun = new Map<number, PendingOperation>();
  for (const entry of journal.entries) {
    if (entry.begin) {
      const { operation, type, resource, seed } = entry.begin;
      begun.set(operation, { type, resource: sealer.open(resource), ...(seed ? { seed } : {}) });
    }
    if (entry.end !== undefined) begun.delete(entry.end);
    apply(resources, { put: entry.put?.map(sealer.open), drop: entry.drop });
  }
  // A negative number names an operation that was pending in the checkpoint already.
  const ended = new Set(
    journal.entries.flatMap(({ end }) => (end !== undefined && end < 0 ? [-end - 1] : [])),
  );
  const pending = checkpoint.pending.filter((_operation, index) => !ended.has(index));
  return {
    generation: checkpoint.generation,
    resources: sortByDependency([...resources.values()]),
    pending: [...pending, ...begun.values()],
  };
}

function apply(resources: Map<string, ResourceState>, { put = [], drop = [] }: Changes): void {
  for (const key of drop) resources.delete(key);
  for (const resource of put) resources.set(stateKey(resource), resource);
}

/** Opens state for writing; the caller holds the lock. What a crashed run left in the journal is folded in first. */
export async function openLedger(stateDir: string, sealer: Sealer): Promise<Ledger> {
  await mkdir(stateDir, { recursive: true });
  const checkpoint = await readCheckpoint(stateDir, sealer);
  const journal = await readJournal(stateDir);
  let stored = replay(checkpoint, journal, sealer);
  if (journal && journal.generation === checkpoint.generation && journal.entries.length > 0) {
    stored = { ...stored, generation: checkpoint.generation + 1 };
    await writeCheckpoint(stateDir, stored, sealer);
  }
  await removeJournal(stateDir);
  return diskLedger(stateDir, stored, sealer);
}

function diskLedger(stateDir: string, stored: Checkpoint, sealer: Sealer): Ledger {
  const resources = new Map(stored.resources.map((resource) => [stateKey(resource), resource]));
  const open = new Map<number, PendingOperation>();
  const unsettled = new Set(stored.pending);
  const journal: Journal = createJournal(stateDir, stored.generation);
  let operations = 0;
  let dirty = false;
  let failure: unknown;

  async function record(entry: JournalEntry): Promise<void> {
    dirty = true;
    try {
      await journal.append(entry);
    } catch (error) {
      failure ??= error;
      throw new Error(`the journal in ${stateDir} cannot be written: ${String(error)}`);
    }
  }

  function sealed({ put, drop }: Changes): Pick<JournalEntry, "put" | "drop"> {
    return {
      ...(put && put.length > 0 ? { put: put.map(sealer.seal) } : {}),
      ...(drop && drop.length > 0 ? { drop } : {}),
    };
  }

  return {
    generation: stored.generation,
    resources: stored.resources,
    pending: stored.pending,
    async begin(operation) {
      const number = ++operations;
      open.set(number, operation);
      await record({ begin: { operation: number, ...operation, resource: sealer.seal(operation.resource) } });
      return number;
    },
    async end(operation, changes) {
      apply(resources, changes);
      open.delete(operation);
      await record({ end: operation, ...sealed(changes) });
    },
    note(changes) {
      apply(resources, changes);
      // A failure shows in `close`, and in every entry that is awaited.
      record(sealed(changes)).catch(() => {});
    },
    async settle(pending, changes) {
      apply(resources, changes);
      unsettled.delete(pending);
      await record({ end: -stored.pending.indexOf(pending) - 1, ...sealed(changes) });
    },
    async close() {
      await journal.close();
      if (!dirty) return;
      if (failure !== undefined) throw failure;
      const pending = [...unsettled, ...open.values()];
      const all = sortByDependency([...resources.values()]);
      await writeCheckpoint(stateDir, { generation: stored.generation + 1, resources: all, pending }, sealer);
      await removeJournal(stateDir);
    },
  };
}

/** For previews: starts from what is stored, writes nothing. */
export function previewLedger(stored: Checkpoint = NO_CHECKPOINT): Ledger {
  return {
    generation: stored.generation,
    resources: stored.resources,
    pending: stored.pending,
    begin: async () => 0,
    end: async () => {},
    note: () => {},
    settle: async () => {},
    close: async () => {},
  };
}
