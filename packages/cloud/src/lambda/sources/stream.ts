/**
 * Feeds a function from a stream: every shard in its own order, and the shards that came of a split or a merge only
 * when all before them is done with.
 */

import { newsOf } from "../../store/news.ts";
import { keepPolling, type PollerContext } from "./poller.ts";
import { END, pollShard } from "./shard.ts";
import type { Position, StreamShard, StreamSource } from "./stream-source.ts";

/** A look at the shards without having been told of news: only a safety net. */
const IDLE = 60_000;

export async function pollStream(context: PollerContext, source: StreamSource): Promise<void> {
  const { mapping, mappings, signal, room } = context;
  const news = newsOf(room.hub, source.topic(), signal);
  const running = new Map<string, Promise<void>>();
  const done = (shard: string) => mappings.checkpoint(mapping.uuid, shard).sequence === END;

  /** `LATEST` means now, for all shards there are, also if the cloud is killed before the first record comes. */
  async function begin(shards: readonly StreamShard[]): Promise<void> {
    if (mapping.startingPosition !== "LATEST" || mappings.isCheckpointed(mapping.uuid)) return;
    for (const { id, closed } of shards) {
      mappings.saveCheckpoint(
        mapping.uuid,
        id,
        closed ? { sequence: END } : { iterator: await source.iterator(id, "LATEST") },
      );
    }
  }

  function firstPosition(): Position {
    // A shard that came after the mapping is read from its beginning.
    return mapping.startingTime === undefined ? "TRIM_HORIZON" : { since: mapping.startingTime };
  }

  try {
    await keepPolling(context, async () => {
      news.clear();
      const shards = await source.shards();
      await begin(shards);
      const listed = new Set(shards.map(({ id }) => id));
      for (const { id, parents } of shards) {
        if (running.has(id) || done(id)) continue;
        if (parents.some((parent) => listed.has(parent) && !done(parent))) continue;
        const polling = pollShard(context, source, id, firstPosition()).finally(() => {
          running.delete(id);
          news.tell();
        });
        running.set(id, polling);
      }
      await news.wait(IDLE);
    });
  } finally {
    await Promise.allSettled(running.values());
    news.close();
  }
}
