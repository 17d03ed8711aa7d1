import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { hour, type Stream } from "./model.ts";
import { firstShards } from "./reshard.ts";
import { openStreams } from "./store.ts";

it("records past the retention are gone, and closed shards after them", async () => {
  const store = openStreams(new DatabaseSync(":memory:"));
  const now = Date.now();
  const stream = (take: () => number): Stream => ({
    name: "s",
    arn: "arn",
    created: now,
    mode: "PROVISIONED",
    retention: 24,
    metrics: [],
    tags: {},
    numbered: 2,
    shards: firstShards(2, { take, time: now }),
    consumers: [],
  });
  await store.reshard(stream);
  const made = store.get("s") as Stream;
  const [closed, open] = made.shards;
  const key = open?.key ?? 0;
  await store.append([{ shard: key, key: "k", data: Buffer.from("x") }]);
  const read = () => [...store.read(store.get("s") as Stream, key, 0, 10)];
  await store.sweep(now + 23 * hour);
  expect(read()).toHaveLength(1);
  await store.put({
    ...made,
    shards: made.shards.map((shard) => (shard === closed ? { ...shard, ends: 9, closed: now } : shard)),
  });
  await store.sweep(now + 25 * hour);
  expect(read()).toHaveLength(0);
  expect(store.get("s")?.shards.map((shard) => shard.key)).toEqual([key]);
  const [next = 0] = await store.append([{ shard: key, key: "k", data: Buffer.from("y") }]);
  expect(next).toBeGreaterThan(key);
});
