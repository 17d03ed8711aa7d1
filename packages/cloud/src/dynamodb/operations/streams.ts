/** The API of DynamoDB Streams. Every stream has one shard, open until the stream is disabled. */
import { AwsError } from "../../error.ts";
import { type Operation, operation } from "../../service.ts";
import { accountAccess, arnAccess } from "../access.ts";
import type { DynamoDbContext } from "../context.ts";
import { resourceNotFound, validation } from "../errors.ts";
import { type Input, readChoice, readInteger, readRequiredText, readTableName, readText } from "../input.ts";
import { type StoredStream, type Streams, sequenceNumber } from "../store/streams.ts";

const iteratorLifetime = 15 * 60 * 1000;
const mostRecords = 1000;
const mostBytes = 1024 * 1024;
const mostStreams = 100;

const shardId = ({ id, created }: StoredStream) =>
  `shardId-${String(created).padStart(20, "0")}-${id.toString(16).padStart(8, "0")}`;

interface ShardPosition {
  readonly arn: string;
  /** The last sequence number that was read. */
  readonly after: number;
  readonly issued: number;
}

export function streamOperations({ streams }: DynamoDbContext): Record<string, Operation> {
  return {
    ListStreams: operation<Input, unknown>({
      access: accountAccess("ListStreams"),
      run(input) {
        const table = input.TableName === undefined ? undefined : readTableName(input.TableName);
        const limit = readInteger(input, "Limit", { least: 1, most: mostStreams }) ?? mostStreams;
        const after = readText(input, "ExclusiveStartStreamArn");
        const all = streams.list(table);
        const start = after === undefined ? 0 : all.findIndex(({ arn }) => arn === after) + 1;
        const page = all.slice(start, start + limit);
        return {
          Streams: page.map(({ arn, tableName, label }) => ({
            StreamArn: arn,
            TableName: tableName,
            StreamLabel: label,
          })),
          LastEvaluatedStreamArn: start + limit < all.length ? page.at(-1)?.arn : undefined,
        };
      },
    }),

    DescribeStream: operation<Input, unknown>({
      access: arnAccess("DescribeStream", "StreamArn"),
      run(input) {
        const stream = findStream(streams, readRequiredText(input, "StreamArn"));
        const isAfterShard = readText(input, "ExclusiveStartShardId") === shardId(stream);
        const { hash, range } = stream.keys;
        return {
          StreamDescription: {
            StreamArn: stream.arn,
            StreamLabel: stream.label,
            StreamStatus: stream.disabled === undefined ? "ENABLED" : "DISABLED",
            StreamViewType: stream.view,
            CreationRequestDateTime: stream.created / 1000,
            TableName: stream.tableName,
            KeySchema: [
              { AttributeName: hash.name, KeyType: "HASH" },
              ...(range ? [{ AttributeName: range.name, KeyType: "RANGE" }] : []),
            ],
            Shards: isAfterShard ? [] : [describeShard(stream, streams)],
          },
        };
      },
    }),

    GetShardIterator: operation<Input, unknown>({
      access: arnAccess("GetShardIterator", "StreamArn"),
      run(input, call) {
        const stream = findStream(streams, readRequiredText(input, "StreamArn"));
        const shard = readRequiredText(input, "ShardId");
        if (shard !== shardId(stream)) {
          throw resourceNotFound(`Requested resource not found: Shard does not exist: ${shard}`);
        }
        const after = startOf(input, streams);
        return { ShardIterator: encode({ arn: stream.arn, after, issued: call.time }) };
      },
    }),

    GetRecords: operation<Input, unknown>({
      access: (input) => {
        const { arn } = decode(readRequiredText(input, "ShardIterator"));
        return [{ action: "dynamodb:GetRecords", resource: arn }];
      },
      run(input, call) {
        const position = decode(readRequiredText(input, "ShardIterator"));
        const limit = readInteger(input, "Limit", { least: 1, most: mostRecords }) ?? mostRecords;
        if (call.time - position.issued > iteratorLifetime) {
          throw new AwsError(
            "ExpiredIteratorException",
            "Iterator expired. The shard iterator was created more than 15 minutes ago.",
          );
        }
        const stream = findStream(streams, position.arn);
        const found = streams.read(stream.id, position.after, limit);
        let bytes = 0;
        const page = found.filter((record, index) => {
          bytes += record.bytes;
          return index === 0 || bytes <= mostBytes;
        });
        const after = page.at(-1)?.sequence ?? position.after;
        const ended = stream.disabled !== undefined && after >= (streams.ends(stream.id).last ?? 0);
        return {
          Records: page.map(({ record }) => record),
          NextShardIterator: ended ? undefined : encode({ arn: stream.arn, after, issued: call.time }),
        };
      },
    }),
  };
}

function findStream(streams: Streams, arn: string): StoredStream {
  const stream = streams.find(arn);
  if (!stream) throw resourceNotFound(`Requested resource not found: Stream: ${arn} not found`);
  return stream;
}

function describeShard(stream: StoredStream, streams: Streams): unknown {
  const { first, last } = streams.ends(stream.id);
  const start = first ?? streams.newest() + 1;
  return {
    ShardId: shardId(stream),
    SequenceNumberRange: {
      StartingSequenceNumber: sequenceNumber(start),
      EndingSequenceNumber: stream.disabled === undefined ? undefined : sequenceNumber(last ?? start),
    },
  };
}

const iteratorTypes = ["TRIM_HORIZON", "LATEST", "AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"] as const;

function startOf(input: Input, streams: Streams): number {
  const type = readChoice(input, "ShardIteratorType", iteratorTypes);
  if (type === "TRIM_HORIZON") return 0;
  if (type === "LATEST") return streams.newest();
  const sent = readText(input, "SequenceNumber") ?? "";
  const sequence = Number(/^1(\d{20})$/.exec(sent)?.[1]);
  if (!type || !Number.isSafeInteger(sequence)) {
    throw validation(`Invalid SequenceNumber: ${sent === "" ? "null" : sent}`);
  }
  return type === "AT_SEQUENCE_NUMBER" ? sequence - 1 : sequence;
}

const encode = (position: ShardPosition) => Buffer.from(JSON.stringify(position)).toString("base64url");

function decode(iterator: string): ShardPosition {
  try {
    const { arn, after, issued } = JSON.parse(Buffer.from(iterator, "base64url").toString()) as ShardPosition;
    if (typeof arn === "string" && Number.isSafeInteger(after) && Number.isFinite(issued)) {
      return { arn, after, issued };
    }
  } catch {
    // Said below, as for anything else that is no iterator of ours.
  }
  throw validation("Invalid ShardIterator");
}
