/** Event source mappings: what is kept of them, and how they are checked and described. */
import { randomUUID } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { AwsError } from "../../error.ts";
import { compilePattern, PatternError, readPattern } from "../../pattern/pattern.ts";
import { invalid } from "../errors.ts";
import { functionArn, parseFunctionName } from "../names.ts";
import { choice, integer, member, strings } from "../settings.ts";

export interface Mapping {
  readonly uuid: string;
  readonly functionName: string;
  readonly qualifier: string | undefined;
  readonly sourceArn: string;
  readonly enabled: boolean;
  readonly batchSize: number;
  /** Seconds to wait for a batch to fill. */
  readonly window: number;
  /** Patterns, as JSON; a record passes when one of them matches. */
  readonly filters: readonly string[];
  readonly reportsFailures: boolean;
  /** SQS only: batches handled at a time. */
  readonly maximumConcurrency: number | undefined;
  readonly startingPosition: StartingPosition | undefined;
  /** Milliseconds, with `AT_TIMESTAMP`. */
  readonly startingTime?: number;
  readonly bisect: boolean;
  /** -1 for ever. */
  readonly maximumRetries: number;
  /** Seconds; -1 for ever. */
  readonly maximumAge: number;
  readonly parallelization: number;
  readonly onFailure: string | undefined;
  readonly created: number;
  readonly modified: number;
}

export type StartingPosition = "LATEST" | "TRIM_HORIZON" | "AT_TIMESTAMP";

export interface MappingInput {
  readonly UUID?: unknown;
  readonly FunctionName?: unknown;
  readonly EventSourceArn?: unknown;
  readonly Enabled?: unknown;
  readonly BatchSize?: unknown;
  readonly MaximumBatchingWindowInSeconds?: unknown;
  readonly FilterCriteria?: unknown;
  readonly FunctionResponseTypes?: unknown;
  readonly ScalingConfig?: unknown;
  readonly StartingPosition?: unknown;
  readonly StartingPositionTimestamp?: unknown;
  readonly BisectBatchOnFunctionError?: unknown;
  readonly MaximumRetryAttempts?: unknown;
  readonly MaximumRecordAgeInSeconds?: unknown;
  readonly ParallelizationFactor?: unknown;
  readonly DestinationConfig?: unknown;
  readonly TumblingWindowInSeconds?: unknown;
}

const SQS = /^arn:aws[\w-]*:sqs:[a-z0-9-]+:\d{12}:[\w-]+(\.fifo)?$/;
const STREAM = /^arn:aws[\w-]*:dynamodb:[a-z0-9-]+:\d{12}:table\/[\w.-]+\/stream\/.+$/;

const KINESIS = /^arn:aws[\w-]*:kinesis:[a-z0-9-]+:\d{12}:stream\/[\w.-]+$/;

export type SourceKind = "sqs" | "dynamodb" | "kinesis";

export function kindOf(arn: string): SourceKind {
  return SQS.test(arn) ? "sqs" : KINESIS.test(arn) ? "kinesis" : "dynamodb";
}

export function isQueue(arn: string): boolean {
  return kindOf(arn) === "sqs";
}

export function newMapping(input: MappingInput, now: number): Mapping {
  const { name, qualifier } = parseFunctionName(input.FunctionName);
  const sourceArn = String(input.EventSourceArn ?? "");
  if (![SQS, STREAM, KINESIS].some((shape) => shape.test(sourceArn))) {
    throw invalid(
      `“${sourceArn}” is not an event source of the local cloud: it polls SQS queues, DynamoDB streams and Kinesis streams (no registered consumers).`,
    );
  }
  const queue = isQueue(sourceArn);
  const base: Mapping = {
    uuid: randomUUID(),
    functionName: name,
    qualifier,
    sourceArn,
    enabled: true,
    batchSize: queue ? 10 : 100,
    window: 0,
    filters: [],
    reportsFailures: false,
    maximumConcurrency: undefined,
    ...(queue ? { startingPosition: undefined } : readPosition(input, kindOf(sourceArn))),
    bisect: false,
    maximumRetries: -1,
    maximumAge: -1,
    parallelization: 1,
    onFailure: undefined,
    created: now,
    modified: now,
  };
  return changeMapping(base, input, now);
}

export function changeMapping(before: Mapping, input: MappingInput, now: number): Mapping {
  const queue = isQueue(before.sourceArn);
  if (input.TumblingWindowInSeconds) {
    throw new AwsError("NotImplemented", "Tumbling windows are not part of the local cloud.", 501);
  }
  const changed: Mapping = {
    ...before,
    modified: now,
    ...(input.FunctionName === undefined ? {} : readFunction(input.FunctionName)),
    ...(input.Enabled === undefined ? {} : { enabled: input.Enabled === true }),
    ...(input.BatchSize === undefined ? {} : { batchSize: integer("batchSize", input.BatchSize, 1, 10_000) }),
    ...(input.MaximumBatchingWindowInSeconds === undefined
      ? {}
      : { window: integer("maximumBatchingWindowInSeconds", input.MaximumBatchingWindowInSeconds, 0, 300) }),
    ...(input.FilterCriteria === undefined ? {} : { filters: readFilters(input.FilterCriteria) }),
    ...(input.FunctionResponseTypes === undefined
      ? {}
      : { reportsFailures: readResponseTypes(input.FunctionResponseTypes) }),
    ...(input.DestinationConfig === undefined ? {} : { onFailure: readDestination(input.DestinationConfig) }),
  };
  if (queue) {
    if (changed.batchSize > 10 && changed.sourceArn.endsWith(".fifo")) {
      throw invalid("Batch size for FIFO queues must be at most 10.");
    }
    if (changed.batchSize > 10 && changed.window < 1) {
      throw invalid(
        "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10",
      );
    }
    const most = member(input.ScalingConfig, "MaximumConcurrency");
    if (input.ScalingConfig === undefined) return changed;
    return {
      ...changed,
      maximumConcurrency: most === undefined ? undefined : integer("maximumConcurrency", most, 2, 1000),
    };
  }
  return {
    ...changed,
    ...(input.BisectBatchOnFunctionError === undefined
      ? {}
      : { bisect: input.BisectBatchOnFunctionError === true }),
    ...(input.MaximumRetryAttempts === undefined
      ? {}
      : { maximumRetries: integer("maximumRetryAttempts", input.MaximumRetryAttempts, -1, 10_000) }),
    ...(input.MaximumRecordAgeInSeconds === undefined
      ? {}
      : { maximumAge: integer("maximumRecordAgeInSeconds", input.MaximumRecordAgeInSeconds, -1, 604_800) }),
    ...(input.ParallelizationFactor === undefined
      ? {}
      : { parallelization: integer("parallelizationFactor", input.ParallelizationFactor, 1, 10) }),
  };
}

function readFunction(value: unknown): Pick<Mapping, "functionName" | "qualifier"> {
  const { name, qualifier } = parseFunctionName(value);
  return { functionName: name, qualifier };
}

function readPosition(
  input: MappingInput,
  kind: SourceKind,
): Pick<Mapping, "startingPosition" | "startingTime"> {
  if (input.StartingPosition === undefined) {
    throw invalid(
      "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not be null.",
    );
  }
  const startingPosition = choice("startingPosition", input.StartingPosition, [
    "LATEST",
    "TRIM_HORIZON",
    "AT_TIMESTAMP",
  ]);
  if (startingPosition !== "AT_TIMESTAMP") return { startingPosition };
  if (kind !== "kinesis") {
    throw invalid("Unsupported starting position for event source type. AT_TIMESTAMP is Kinesis's.");
  }
  const startingTime = Number(input.StartingPositionTimestamp ?? Number.NaN) * 1000;
  if (!Number.isFinite(startingTime)) {
    throw invalid("StartingPositionTimestamp is required with the starting position AT_TIMESTAMP.");
  }
  return { startingPosition, startingTime };
}

function readFilters(value: unknown): string[] {
  const filters = member(value, "Filters") ?? [];
  if (!Array.isArray(filters)) throw invalid("FilterCriteria.Filters must be a list.");
  return filters.map((filter) => {
    const pattern = String(member(filter, "Pattern") ?? "{}");
    try {
      compilePattern(readPattern(pattern));
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      throw invalid(`Invalid filter pattern definition. ${error.message}`);
    }
    return pattern;
  });
}

function readResponseTypes(value: unknown): boolean {
  const types = strings("functionResponseTypes", value);
  for (const type of types) choice("functionResponseTypes", type, ["ReportBatchItemFailures"]);
  return types.length > 0;
}

function readDestination(value: unknown): string | undefined {
  const arn = member(member(value, "OnFailure"), "Destination");
  return typeof arn === "string" && arn !== "" ? arn : undefined;
}

export function describeMapping(
  mapping: Mapping,
  scope: { readonly region: string; readonly accountId: string },
  lastResult: string | undefined,
): object {
  const queue = isQueue(mapping.sourceArn);
  return {
    UUID: mapping.uuid,
    EventSourceArn: mapping.sourceArn,
    EventSourceMappingArn: mappingArn(mapping.uuid, scope),
    FunctionArn: functionArn(scope, { name: mapping.functionName, qualifier: mapping.qualifier }),
    BatchSize: mapping.batchSize,
    MaximumBatchingWindowInSeconds: mapping.window,
    FunctionResponseTypes: mapping.reportsFailures ? ["ReportBatchItemFailures"] : [],
    ...(mapping.filters.length > 0
      ? { FilterCriteria: { Filters: mapping.filters.map((Pattern) => ({ Pattern })) } }
      : {}),
    ...(queue
      ? mapping.maximumConcurrency === undefined
        ? {}
        : { ScalingConfig: { MaximumConcurrency: mapping.maximumConcurrency } }
      : {
          StartingPosition: mapping.startingPosition,
          ...(mapping.startingTime === undefined
            ? {}
            : { StartingPositionTimestamp: mapping.startingTime / 1000 }),
          BisectBatchOnFunctionError: mapping.bisect,
          MaximumRetryAttempts: mapping.maximumRetries,
          MaximumRecordAgeInSeconds: mapping.maximumAge,
          ParallelizationFactor: mapping.parallelization,
          TumblingWindowInSeconds: 0,
          LastProcessingResult: lastResult ?? "No records processed",
          DestinationConfig: { OnFailure: mapping.onFailure ? { Destination: mapping.onFailure } : {} },
        }),
    // The SDKs read this one as seconds.
    LastModified: mapping.modified / 1000,
    State: mapping.enabled ? "Enabled" : "Disabled",
    StateTransitionReason: lastResult?.startsWith("PROBLEM") ? lastResult : "USER_INITIATED",
  };
}

export function mappingArn(
  uuid: string,
  scope: { readonly region: string; readonly accountId: string },
): string {
  return `arn:aws:lambda:${scope.region}:${scope.accountId}:event-source-mapping:${uuid}`;
}

export type MappingStore = ReturnType<typeof openMappings>;

export function openMappings(database: DatabaseSync) {
  database.exec(`
    CREATE TABLE IF NOT EXISTS mappings (uuid TEXT PRIMARY KEY, document TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS checkpoints (
      mapping TEXT NOT NULL, shard TEXT NOT NULL, sequence TEXT, iterator TEXT, PRIMARY KEY (mapping, shard)
    );
  `);
  const put = database.prepare("INSERT OR REPLACE INTO mappings (uuid, document) VALUES (?, ?)");
  const get = database.prepare("SELECT document FROM mappings WHERE uuid = ?");
  const all = database.prepare("SELECT document FROM mappings ORDER BY rowid");
  const remove = database.prepare("DELETE FROM mappings WHERE uuid = ?");
  const forget = database.prepare("DELETE FROM checkpoints WHERE mapping = ?");
  const readCheckpoint = database.prepare(
    "SELECT sequence, iterator FROM checkpoints WHERE mapping = ? AND shard = ?",
  );
  const anyCheckpoint = database.prepare("SELECT 1 FROM checkpoints WHERE mapping = ? LIMIT 1");
  const writeCheckpoint = database.prepare(
    "INSERT OR REPLACE INTO checkpoints (mapping, shard, sequence, iterator) VALUES (?, ?, ?, ?)",
  );
  const parse = (row: Record<string, unknown>) => JSON.parse(String(row.document)) as Mapping;
  return {
    put: (mapping: Mapping) => put.run(mapping.uuid, JSON.stringify(mapping)),
    get(uuid: string): Mapping | undefined {
      const row = get.get(uuid);
      return row && parse(row);
    },
    all: () => all.all().map(parse),
    remove(uuid: string): void {
      remove.run(uuid);
      forget.run(uuid);
    },
    /** Whether any shard of the mapping's stream has been begun with. */
    isCheckpointed: (uuid: string): boolean => anyCheckpoint.get(uuid) !== undefined,
    /** Where a stream is read on: behind the last record that is done with, or from an iterator. */
    checkpoint(uuid: string, shard: string): { sequence: string | undefined; iterator: string | undefined } {
      const row = readCheckpoint.get(uuid, shard);
      const text = (value: unknown) => (typeof value === "string" ? value : undefined);
      return { sequence: text(row?.sequence), iterator: text(row?.iterator) };
    },
    saveCheckpoint: (uuid: string, shard: string, at: { sequence?: string; iterator?: string }) =>
      writeCheckpoint.run(uuid, shard, at.sequence ?? null, at.iterator ?? null),
  };
}
