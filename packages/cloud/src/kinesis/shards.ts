/** Listing shards, and changing how many there are. */
import { type AccessRequest, type Operation, operation } from "../service.ts";
import { describeShard } from "./describe.ts";
import { constraint, invalidArgument, overLimit, validation } from "./errors.ts";
import {
  choice,
  hashKey,
  type Input,
  integer,
  optionalInteger,
  optionalText,
  optionalTime,
  text,
} from "./input.ts";
import { hour, type Shard, type Stream } from "./model.ts";
import { areAdjacent, evenOut, merge, split } from "./reshard.ts";
import type { KinesisState } from "./state.ts";

const PAGE = 1000;
const MOST_SHARDS = 10_000;
const filters = [
  "AFTER_SHARD_ID",
  "AT_TRIM_HORIZON",
  "FROM_TRIM_HORIZON",
  "AT_LATEST",
  "AT_TIMESTAMP",
  "FROM_TIMESTAMP",
] as const;

/** Where a list goes on: everything the first call asked for, and the last shard it was told of. */
interface ListToken {
  readonly stream: string;
  readonly after: string;
  readonly filter?: Input;
}

export function shardOperations(state: KinesisState): Record<string, Operation> {
  const { store } = state;

  function requireOpen(stream: Stream, id: string): Shard {
    const shard = state.shard(stream, id);
    if (shard.ends !== undefined) {
      throw invalidArgument(
        `Shard ${id} in stream ${stream.name} under account ${state.hub.accountId} has already been merged or split, and thus is not eligible for merging or splitting.`,
      );
    }
    return shard;
  }

  function requireProvisioned({ name, mode }: Stream): void {
    if (mode === "ON_DEMAND") {
      throw validation(
        `Stream ${name} is in on-demand mode; its shards can be changed only in provisioned mode.`,
      );
    }
  }

  /** Readers of the shards that end are to notice, and whoever reads all shards. */
  function announceChange(before: Stream): void {
    state.announce(
      before,
      store.map(before).open.map(({ id }) => id),
    );
    state.announce(before);
  }

  const listed = (input: Input): ListToken | undefined => {
    const token = optionalText(input, "NextToken");
    if (token === undefined) return undefined;
    if (input.StreamName !== undefined || input.StreamARN !== undefined) {
      throw invalidArgument("NextToken and StreamName cannot be provided together.");
    }
    return readToken(token);
  };

  return {
    ListShards: operation<Input, unknown>({
      access: (input): readonly AccessRequest[] => [
        {
          action: "kinesis:ListShards",
          resource: state.arnOf(listed(input)?.stream ?? state.nameIn(input)),
        },
      ],
      run(input, call) {
        const token = listed(input);
        const stream = token ? state.named(token.stream) : state.stream(input);
        const filter = token ? token.filter : readFilter(input);
        const after = token?.after ?? optionalText(input, "ExclusiveStartShardId");
        const limit = optionalInteger(input, "MaxResults", 1, MOST_SHARDS) ?? PAGE;
        const found = stream.shards
          .filter(({ id }) => after === undefined || id > after)
          .filter(passes(filter, stream, call.time));
        const page = found.slice(0, limit);
        const last = page.at(-1);
        return {
          Shards: page.map(describeShard),
          ...(last && found.length > limit
            ? {
                NextToken: writeToken({ stream: stream.name, after: last.id, ...(filter ? { filter } : {}) }),
              }
            : {}),
        };
      },
    }),

    SplitShard: operation<Input, void>({
      access: state.on("SplitShard"),
      async run(input, { time }) {
        const stream = state.stream(input);
        requireProvisioned(stream);
        const shard = requireOpen(stream, text(input, "ShardToSplit"));
        const at = hashKey(input, "NewStartingHashKey");
        if (at === undefined) throw constraint(at, "NewStartingHashKey", "Member must not be null");
        if (at <= BigInt(shard.from) || at > BigInt(shard.to)) {
          throw invalidArgument(
            `NewStartingHashKey ${at} used in SplitShard() on shard ${shard.id} in stream ${stream.name} is not both greater than one plus the shard's StartingHashKey ${shard.from} and less than the shard's EndingHashKey ${shard.to}.`,
          );
        }
        await store.reshard((take) => split(stream, shard, at, { take, time }));
        announceChange(stream);
      },
    }),

    MergeShards: operation<Input, void>({
      access: state.on("MergeShards"),
      async run(input, { time }) {
        const stream = state.stream(input);
        requireProvisioned(stream);
        const first = requireOpen(stream, text(input, "ShardToMerge"));
        const second = requireOpen(stream, text(input, "AdjacentShardToMerge"));
        if (!areAdjacent(first, second)) {
          throw invalidArgument(
            `Shards ${first.id} and ${second.id} in stream ${stream.name} under account ${state.hub.accountId} are not an adjacent pair of shards eligible for merging.`,
          );
        }
        await store.reshard((take) => merge(stream, first, second, { take, time }));
        announceChange(stream);
      },
    }),

    UpdateShardCount: operation<Input, unknown>({
      access: state.on("UpdateShardCount"),
      async run(input, { time }) {
        const stream = state.stream(input);
        requireProvisioned(stream);
        choice(input, "ScalingType", ["UNIFORM_SCALING"]);
        const target = integer(input, "TargetShardCount", 1, MOST_SHARDS);
        const current = store.map(stream).open.length;
        if (target > current * 2) {
          throw overLimit(
            `UpdateShardCount cannot scale up over double your current open shard count. Current open shard count: ${current} Target shard count: ${target}`,
          );
        }
        if (target < current / 2) {
          throw overLimit(
            `UpdateShardCount cannot scale down below half your current open shard count. Current open shard count: ${current} Target shard count: ${target}`,
          );
        }
        await store.reshard((take) => evenOut(stream, target, { take, time }));
        announceChange(stream);
        return {
          StreamName: stream.name,
          StreamARN: stream.arn,
          CurrentShardCount: current,
          TargetShardCount: target,
        };
      },
    }),
  };
}

function readFilter(input: Input): Input | undefined {
  const filter = input.ShardFilter ?? undefined;
  if (filter === undefined) return undefined;
  if (typeof filter !== "object" || Array.isArray(filter)) throw validation("ShardFilter must be an object.");
  return filter as Input;
}

function passes(filter: Input | undefined, stream: Stream, now: number): (shard: Shard) => boolean {
  if (!filter) return () => true;
  const type = choice(filter, "Type", filters);
  const horizon = now - stream.retention * hour;
  if (type === "AFTER_SHARD_ID") {
    const after = text(filter, "ShardId");
    return ({ id }) => id > after;
  }
  if (type === "AT_LATEST") return ({ closed }) => closed === undefined;
  const from = /TIMESTAMP/.test(type) ? optionalTime(filter, "Timestamp") : horizon;
  if (from === undefined) throw invalidArgument(`Timestamp must be given for the shard filter ${type}.`);
  const time = Math.max(from, horizon, stream.created);
  const stillOpen = ({ closed }: Shard) => closed === undefined || closed >= time;
  return type.startsWith("FROM_") ? stillOpen : (shard) => stillOpen(shard) && shard.opened <= time;
}

const writeToken = (token: ListToken) => Buffer.from(JSON.stringify(token)).toString("base64url");

function readToken(text: string): ListToken {
  try {
    const { stream, after, filter } = JSON.parse(Buffer.from(text, "base64url").toString()) as ListToken;
    if (typeof stream === "string" && typeof after === "string") {
      return { stream, after, ...(typeof filter === "object" && filter !== null ? { filter } : {}) };
    }
  } catch {
    // Said below, as for anything else that is no token of ours.
  }
  throw invalidArgument("The NextToken is invalid.");
}
