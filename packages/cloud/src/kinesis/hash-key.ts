/** Which shard a record belongs to: the MD5 of its partition key, in ranges. */
import { hash } from "node:crypto";
import type { Shard } from "./model.ts";

export const LARGEST_HASH = 2n ** 128n - 1n;

export function hashOf(partitionKey: string): bigint {
  return BigInt(`0x${hash("md5", partitionKey)}`);
}

/** As many ranges of nearly the same size. */
export function evenRanges(count: number): { readonly from: bigint; readonly to: bigint }[] {
  const size = (LARGEST_HASH + 1n) / BigInt(count);
  return Array.from({ length: count }, (_, index) => ({
    from: size * BigInt(index),
    to: index === count - 1 ? LARGEST_HASH : size * BigInt(index + 1) - 1n,
  }));
}

/** Open shards in the order of their ranges, ready to be looked up. */
export interface ShardMap {
  readonly open: readonly Shard[];
  find(hashKey: bigint): Shard;
}

export function shardMap(shards: readonly Shard[]): ShardMap {
  const ranges = shards
    .filter(({ ends }) => ends === undefined)
    .map((shard) => ({ shard, from: BigInt(shard.from) }))
    .sort((a, b) => (a.from < b.from ? -1 : 1));
  const [first] = ranges;
  if (!first) throw new Error("A stream has no open shard.");
  return {
    open: ranges.map(({ shard }) => shard),
    find(hashKey) {
      let low = 0;
      let high = ranges.length - 1;
      while (low < high) {
        const middle = Math.ceil((low + high) / 2);
        if ((ranges[middle]?.from ?? 0n) <= hashKey) low = middle;
        else high = middle - 1;
      }
      return (ranges[low] ?? first).shard;
    },
  };
}
