/** Splitting and merging shards: the parents are closed, and their children go on where they ended. */
import { evenRanges, LARGEST_HASH, shardMap } from "./hash-key.ts";
import type { Shard, Stream } from "./model.ts";

/** What a change of shards takes. */
export interface Cut {
  /** A number larger than that of every record there is, smaller than that of any to come; another each time. */
  readonly take: () => number;
  readonly time: number;
}

function shardId(index: number): string {
  return `shardId-${String(index).padStart(12, "0")}`;
}

export function split(stream: Stream, shard: Shard, at: bigint, cut: Cut): Stream {
  const lower = { from: shard.from, to: String(at - 1n), parent: shard.id };
  const upper = { from: String(at), to: shard.to, parent: shard.id };
  return replace(stream, [shard], [lower, upper], cut);
}

export function merge(stream: Stream, first: Shard, second: Shard, cut: Cut): Stream {
  const [lower, upper] = BigInt(first.from) < BigInt(second.from) ? [first, second] : [second, first];
  const child = { from: lower.from, to: upper.to, parent: first.id, adjacentParent: second.id };
  return replace(stream, [first, second], [child], cut);
}

export function areAdjacent(one: Shard, other: Shard): boolean {
  return BigInt(one.to) + 1n === BigInt(other.from) || BigInt(other.to) + 1n === BigInt(one.from);
}

/** As many shards as there are ranges. */
export function firstShards(count: number, { take, time }: Cut): Shard[] {
  return evenRanges(count).map(({ from, to }, index) => {
    const key = take();
    return { key, id: shardId(index), from: String(from), to: String(to), starts: key, opened: time };
  });
}

/** Splits and merges until the open shards are as many even ranges. */
export function evenOut(stream: Stream, count: number, cut: Cut): Stream {
  let now = stream;
  const starts = evenRanges(count).map(({ from }) => from);
  for (const at of starts) {
    const shard = shardMap(now.shards).find(at);
    if (BigInt(shard.from) !== at) now = split(now, shard, at, cut);
  }
  for (const [index, from] of starts.entries()) {
    const until = starts[index + 1] ?? LARGEST_HASH + 1n;
    for (;;) {
      const inRange = shardMap(now.shards).open.filter(
        (shard) => BigInt(shard.from) >= from && BigInt(shard.from) < until,
      );
      const [first, second] = inRange;
      if (!first || !second) break;
      now = merge(now, first, second, cut);
    }
  }
  return now;
}

function replace(
  stream: Stream,
  parents: readonly Shard[],
  children: readonly Pick<Shard, "from" | "to" | "parent" | "adjacentParent">[],
  cut: Cut,
): Stream {
  const ends = cut.take();
  const closed = stream.shards.map((shard) =>
    parents.includes(shard) ? { ...shard, ends, closed: cut.time } : shard,
  );
  const opened = children.map((child, index) => {
    const key = cut.take();
    return { ...child, key, id: shardId(stream.numbered + index), starts: key, opened: cut.time };
  });
  return { ...stream, shards: [...closed, ...opened], numbered: stream.numbered + children.length };
}
