/**
 * The journal: what happened since the checkpoint, one line each, on disk before anybody acts on it. A line carries
 * its checksum; what a crash left of the last one is ignored.
 */

import { type FileHandle, open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { type PendingOperation, syncDirectory } from "./checkpoint.ts";
import type { ResourceState } from "./resource.ts";

const JOURNAL = "journal.ndjson";

export interface JournalEntry {
  /** An operation begins; the number names it. */
  readonly begin?: { readonly operation: number } & PendingOperation;
  /** An operation has ended, well or badly; what came of it is in the same entry. */
  readonly end?: number;
  readonly put?: readonly ResourceState[];
  /** Keys of resources that are no more. */
  readonly drop?: readonly string[];
}

export interface Journal {
  /** Resolves once the entry is on disk. */
  append(entry: JournalEntry): Promise<void>;
  close(): Promise<void>;
}

interface Line {
  readonly text: string;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** A new journal upon the checkpoint of that generation. The file appears with its first entry. */
export function createJournal(stateDir: string, generation: number): Journal {
  const path = join(stateDir, JOURNAL);
  let queue: Line[] = [];
  let writing: Promise<void> | undefined;
  let file: FileHandle | undefined;

  async function start(): Promise<FileHandle> {
    const created = await open(path, "w", 0o600);
    await created.appendFile(line({ generation }));
    await created.datasync();
    await syncDirectory(stateDir);
    return created;
  }

  // Entries that arrive while a write is under way share the next one: one fsync for many.
  async function drain(): Promise<void> {
    while (queue.length > 0) {
      const batch = queue;
      queue = [];
      try {
        file ??= await start();
        await file.appendFile(batch.map(({ text }) => text).join(""));
        await file.datasync();
        for (const { done } of batch) done();
      } catch (error) {
        for (const { failed } of batch) failed(error);
      }
    }
    writing = undefined;
  }

  return {
    append(entry) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      queue.push({ text: line(entry), done: resolve, failed: reject });
      writing ??= drain();
      return promise;
    },
    async close() {
      await writing;
      await file?.close();
    },
  };
}

function line(entry: JournalEntry | { generation: number }): string {
  const body = JSON.stringify(entry);
  return `${crc32(body).toString(16).padStart(8, "0")} ${body}\n`;
}

export interface JournalContent {
  readonly generation: number;
  readonly entries: readonly JournalEntry[];
}

/** The journal on disk, as far as it is whole; `undefined` when there is none. */
export async function readJournal(stateDir: string): Promise<JournalContent | undefined> {
  let text: string;
  try {
    text = await readFile(join(stateDir, JOURNAL), "utf8");
  } catch (error) {
    if (error instanceof Error && (error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  const parsed: unknown[] = [];
  for (const raw of text.split("\n")) {
    const body = raw.slice(9);
    if (raw.length < 10 || Number.parseInt(raw.slice(0, 8), 16) !== crc32(body)) break;
    parsed.push(JSON.parse(body));
  }
  const [header, ...entries] = parsed as [{ generation: number }?, ...JournalEntry[]];
  return header === undefined ? undefined : { generation: header.generation, entries };
}

export async function removeJournal(stateDir: string): Promise<void> {
  await rm(join(stateDir, JOURNAL), { force: true });
}
