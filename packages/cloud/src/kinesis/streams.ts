/** The life of streams and what is set on them. */
import { type AccessRequest, type Operation, operation } from "../service.ts";
import { describeShard, describeSummary } from "./describe.ts";
import { constraint, inUse, invalidArgument, validation } from "./errors.ts";
import {
  choice,
  type Input,
  integer,
  optionalInteger,
  optionalText,
  tagMap,
  text,
  withTags,
} from "./input.ts";
import type { Stream } from "./model.ts";
import { firstShards } from "./reshard.ts";
import type { KinesisState } from "./state.ts";

const MOST_SHARDS = 10_000;
const ON_DEMAND_SHARDS = 4;
const SHORTEST_RETENTION = 24;
const LONGEST_RETENTION = 8760;
const METRICS = [
  "IncomingBytes",
  "IncomingRecords",
  "OutgoingBytes",
  "OutgoingRecords",
  "WriteProvisionedThroughputExceeded",
  "ReadProvisionedThroughputExceeded",
  "IteratorAgeMilliseconds",
  "ALL",
] as const;

export function streamOperations(state: KinesisState): Record<string, Operation> {
  const { store, hub } = state;
  const everywhere = (action: string) => (): readonly AccessRequest[] => [
    { action: `kinesis:${action}`, resource: "*" },
  ];

  const changeRetention = (action: "Increase" | "Decrease") =>
    operation<Input, unknown>({
      access: state.on(`${action}StreamRetentionPeriod`),
      async run(input) {
        const stream = state.stream(input);
        const hours = integer(input, "RetentionPeriodHours", 1, Number.MAX_SAFE_INTEGER);
        const wrong = action === "Increase" ? hours < stream.retention : hours > stream.retention;
        if (wrong || hours < SHORTEST_RETENTION || hours > LONGEST_RETENTION) {
          const bound = action === "Increase" ? "less" : "greater";
          throw invalidArgument(
            wrong
              ? `Requested retention period (${hours} hours) for stream ${stream.name} can not be ${bound} than existing retention period (${stream.retention} hours).`
              : `Retention periods are ${SHORTEST_RETENTION} to ${LONGEST_RETENTION} hours; ${hours} is not.`,
          );
        }
        await store.put({ ...stream, retention: hours });
      },
    });

  const changeMetrics = (action: "Enable" | "Disable") =>
    operation<Input, unknown>({
      access: state.on(`${action}EnhancedMonitoring`),
      async run(input) {
        const stream = state.stream(input);
        const named = readMetrics(input);
        const metrics =
          action === "Enable"
            ? METRICS.filter((one) => stream.metrics.includes(one) || named.includes(one))
            : stream.metrics.filter((one) => !named.some((other) => other === one));
        await store.put({ ...stream, metrics });
        return {
          StreamName: stream.name,
          StreamARN: stream.arn,
          CurrentShardLevelMetrics: stream.metrics,
          DesiredShardLevelMetrics: metrics,
        };
      },
    });

  return {
    CreateStream: operation<Input, void>({
      access: (input) => {
        const resource = state.arnOf(state.nameIn(input));
        return [
          { action: "kinesis:CreateStream", resource },
          ...(input.Tags ? [{ action: "kinesis:AddTagsToStream", resource }] : []),
        ];
      },
      async run(input, call) {
        const name = state.nameIn({ StreamName: text(input, "StreamName") });
        const mode = readMode(input.StreamModeDetails) ?? "PROVISIONED";
        const wanted = optionalInteger(input, "ShardCount", 1, MOST_SHARDS);
        if (mode === "PROVISIONED" && wanted === undefined) {
          throw validation("ShardCount is required for streams of mode PROVISIONED.");
        }
        const tags = withTags({}, tagMap(input.Tags));
        if (store.get(name)) throw inUse(`Stream ${name} under account ${hub.accountId} already exists.`);
        const count = mode === "ON_DEMAND" ? ON_DEMAND_SHARDS : (wanted ?? 1);
        await store.reshard((take) => ({
          name,
          arn: state.arnOf(name),
          created: call.time,
          mode,
          retention: SHORTEST_RETENTION,
          metrics: [],
          tags,
          numbered: count,
          shards: firstShards(count, { take, time: call.time }),
          consumers: [],
        }));
      },
    }),

    DeleteStream: operation<Input, void>({
      access: state.on("DeleteStream"),
      async run(input) {
        const stream = state.stream(input);
        if (stream.consumers.length > 0 && input.EnforceConsumerDeletion !== true) {
          throw inUse(
            `Stream ${stream.name} under account ${hub.accountId} has consumers registered; delete them, or set EnforceConsumerDeletion.`,
          );
        }
        await store.remove(stream);
      },
    }),

    DescribeStream: operation<Input, unknown>({
      access: state.on("DescribeStream"),
      run(input) {
        const stream = state.stream(input);
        const limit = optionalInteger(input, "Limit", 1, 10_000) ?? 100;
        const after = optionalText(input, "ExclusiveStartShardId");
        const shards = stream.shards.filter(({ id }) => after === undefined || id > after);
        return {
          StreamDescription: {
            ...describeSummary(stream),
            Shards: shards.slice(0, limit).map(describeShard),
            HasMoreShards: shards.length > limit,
          },
        };
      },
    }),

    DescribeStreamSummary: operation<Input, unknown>({
      access: state.on("DescribeStreamSummary"),
      run(input) {
        const stream = state.stream(input);
        return {
          StreamDescriptionSummary: {
            ...describeSummary(stream),
            OpenShardCount: store.map(stream).open.length,
            ConsumerCount: stream.consumers.length,
          },
        };
      },
    }),

    ListStreams: operation<Input, unknown>({
      access: everywhere("ListStreams"),
      run(input) {
        const limit = optionalInteger(input, "Limit", 1, 10_000) ?? 100;
        const after = optionalText(input, "NextToken") ?? optionalText(input, "ExclusiveStartStreamName");
        const found = store.all().filter(({ name }) => after === undefined || name > after);
        const page = found.slice(0, limit);
        const more = found.length > limit;
        return {
          StreamNames: page.map(({ name }) => name),
          HasMoreStreams: more,
          ...(more ? { NextToken: page.at(-1)?.name } : {}),
          StreamSummaries: page.map((stream) => ({
            StreamName: stream.name,
            StreamARN: stream.arn,
            StreamStatus: "ACTIVE",
            StreamModeDetails: { StreamMode: stream.mode },
            StreamCreationTimestamp: stream.created / 1000,
          })),
        };
      },
    }),

    DescribeLimits: operation<Input, unknown>({
      access: everywhere("DescribeLimits"),
      run() {
        const streams = store.all();
        return {
          ShardLimit: MOST_SHARDS,
          OpenShardCount: streams.reduce((sum, stream) => sum + store.map(stream).open.length, 0),
          OnDemandStreamCount: streams.filter(({ mode }) => mode === "ON_DEMAND").length,
          OnDemandStreamCountLimit: 50,
        };
      },
    }),

    UpdateStreamMode: operation<Input, void>({
      access: state.on("UpdateStreamMode"),
      async run(input) {
        const stream = state.stream({ StreamARN: text(input, "StreamARN") });
        const mode = readMode(input.StreamModeDetails);
        if (!mode) throw constraint(undefined, "StreamModeDetails", "Member must not be null");
        await store.put({ ...stream, mode });
      },
    }),

    IncreaseStreamRetentionPeriod: changeRetention("Increase"),
    DecreaseStreamRetentionPeriod: changeRetention("Decrease"),

    StartStreamEncryption: operation<Input, void>({
      access: state.on("StartStreamEncryption"),
      async run(input) {
        const stream = state.stream(input);
        choice(input, "EncryptionType", ["KMS"]);
        await store.put({ ...stream, encryptionKey: text(input, "KeyId") });
      },
    }),

    StopStreamEncryption: operation<Input, void>({
      access: state.on("StopStreamEncryption"),
      async run(input) {
        const { encryptionKey: _, ...stream } = state.stream(input);
        choice(input, "EncryptionType", ["KMS"]);
        text(input, "KeyId");
        await store.put(stream);
      },
    }),

    EnableEnhancedMonitoring: changeMetrics("Enable"),
    DisableEnhancedMonitoring: changeMetrics("Disable"),
  };
}

function readMode(value: unknown): Stream["mode"] | undefined {
  if (value === undefined || value === null) return undefined;
  return choice<Stream["mode"]>(value as Input, "StreamMode", ["PROVISIONED", "ON_DEMAND"]);
}

function readMetrics(input: Input): readonly string[] {
  const given = input.ShardLevelMetrics;
  if (!Array.isArray(given) || given.length === 0) {
    throw constraint(undefined, "ShardLevelMetrics", "Member must not be null");
  }
  const named = given.map((name) => choice({ name }, "name", METRICS));
  return named.includes("ALL") ? METRICS.filter((name) => name !== "ALL") : named;
}
