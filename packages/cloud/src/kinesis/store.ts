/** Streams and their records in SQLite; the streams are in memory as well, since every call needs one. */
import type { DatabaseSync } from "node:sqlite";
import { groupCommit } from "../store/group-commit.ts";
import { type ShardMap, shardMap } from "./hash-key.ts";
import { hour, type StoredRecord, type Stream } from "./model.ts";

const schema = `
CREATE TABLE IF NOT EXISTS stream (name TEXT PRIMARY KEY, document TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS record (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT, shard INTEGER NOT NULL, key TEXT NOT NULL, data BLOB NOT NULL,
  time INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS record_of_shard ON record (shard);
INSERT INTO sqlite_sequence SELECT 'record', 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'record');
`;

export type StreamStore = ReturnType<typeof openStreams>;

export function openStreams(database: DatabaseSync) {
  database.exec(schema);
  const write = database.prepare("INSERT OR REPLACE INTO stream VALUES (?, ?)");
  const removeStream = database.prepare("DELETE FROM stream WHERE name = ?");
  const removeRecords = database.prepare("DELETE FROM record WHERE shard = ?");
  const insert = database.prepare("INSERT INTO record (shard, key, data, time) VALUES (?, ?, ?, ?)");
  const select = database.prepare(
    "SELECT sequence, key, data, time FROM record WHERE shard = ? AND sequence >= ? AND time >= ? ORDER BY sequence LIMIT ?",
  );
  const near = database.prepare(
    "SELECT sequence, time FROM record WHERE sequence >= ? ORDER BY sequence LIMIT 1",
  );
  const expire = database.prepare("DELETE FROM record WHERE shard = ? AND time < ?");
  const counter = database.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'record'");
  const advance = database.prepare("UPDATE sqlite_sequence SET seq = ? WHERE name = 'record'");
  const newest = database.prepare("SELECT time FROM record ORDER BY sequence DESC LIMIT 1");

  const streams = new Map<string, Stream>();
  const maps = new WeakMap<Stream, ShardMap>();
  let last = 0;
  let lastTime = 0;

  function load(): void {
    streams.clear();
    for (const row of database.prepare("SELECT document FROM stream ORDER BY name").all()) {
      const stream = JSON.parse(String(row.document)) as Stream;
      streams.set(stream.name, stream);
    }
    last = Number(counter.get()?.seq ?? 0);
    lastTime = Number(newest.get()?.time ?? 0);
  }
  load();
  const commit = groupCommit(database, load);

  function put(stream: Stream): void {
    write.run(stream.name, JSON.stringify(stream));
    streams.set(stream.name, stream);
  }

  return {
    get: (name: string): Stream | undefined => streams.get(name),
    all: (): Stream[] => [...streams.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    /** Keeps a stream as it is now. */
    put: (stream: Stream): Promise<void> => commit.write(() => put(stream)),
    remove: ({ name, shards }: Stream): Promise<void> =>
      commit.write(() => {
        for (const { key } of shards) removeRecords.run(key);
        removeStream.run(name);
        streams.delete(name);
      }),
    map(stream: Stream): ShardMap {
      let map = maps.get(stream);
      if (!map) {
        map = shardMap(stream.shards);
        maps.set(stream, map);
      }
      return map;
    },
    /**
     * Keeps what `change` makes. It is given numbers for shards: each larger than that of every record there is, and
     * smaller than that of any to come.
     */
    reshard: (change: (take: () => number) => Stream): Promise<void> =>
      commit.write(() => {
        const stream = change(() => ++last);
        advance.run(last);
        put(stream);
      }),
    newest: () => last,
    /** Times never go back, so that what comes later in a shard is not older. */
    append(
      records: readonly { readonly shard: number; readonly key: string; readonly data: Uint8Array }[],
    ): Promise<number[]> {
      return commit.write(() => {
        lastTime = Math.max(lastTime, Date.now());
        return records.map(({ shard, key, data }) => {
          last = Number(insert.run(shard, key, data, lastTime).lastInsertRowid);
          return last;
        });
      });
    },
    read(stream: Stream, shard: number, from: number, limit: number): Iterable<StoredRecord> {
      const horizon = Date.now() - stream.retention * hour;
      return select.iterate(shard, from, horizon, limit) as Iterable<unknown> as Iterable<StoredRecord>;
    },
    /** The first sequence number of that time or later, over all streams. */
    firstAt(time: number): number {
      let [low, high] = [0, last + 1];
      while (low < high) {
        const middle = Math.floor((low + high) / 2);
        const found = near.get(middle);
        if (found && Number(found.time) < time) low = Number(found.sequence) + 1;
        else high = middle;
      }
      return low;
    },
    /** Forgets records past their stream's retention, and closed shards that have none left. */
    async sweep(now: number): Promise<void> {
      await commit.write(() => {
        for (const stream of streams.values()) {
          const horizon = now - stream.retention * hour;
          for (const { key } of stream.shards) expire.run(key, horizon);
          const shards = stream.shards.filter(({ closed }) => closed === undefined || closed >= horizon);
          if (shards.length < stream.shards.length) put({ ...stream, shards });
        }
      });
    },
    flush: commit.flush,
  };
}
