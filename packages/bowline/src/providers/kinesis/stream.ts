import type { ResourceHandler } from "@bowline/engine";
import type { StreamArgs, StreamState } from "@pulumi/aws/kinesis/stream.js";
import { type Aws, allTags, isEmpty, tagChanges } from "../aws.ts";
import { hasCode } from "../client.ts";
import type { Inputs } from "../plain.ts";
import { mayAdopt, resource } from "../resource.ts";

type StreamInputs = Inputs<StreamArgs>;

interface Summary {
  readonly StreamName: string;
  readonly StreamARN: string;
  readonly StreamModeDetails: { readonly StreamMode: string };
  readonly RetentionPeriodHours: number;
  readonly OpenShardCount: number;
  readonly EncryptionType?: string;
  readonly KeyId?: string;
  readonly EnhancedMonitoring?: readonly { readonly ShardLevelMetrics?: readonly string[] }[];
}

const RETENTION = 24;
const RECORD_SIZE = 1024;

export function stream(aws: Aws): ResourceHandler {
  const call = <T>(operation: string, input: object) => aws.client.json<T>("kinesis", operation, input);
  const describe = async (StreamName: string) => {
    const { StreamDescriptionSummary } = await call<{ StreamDescriptionSummary: Summary }>(
      "DescribeStreamSummary",
      { StreamName },
    );
    return StreamDescriptionSummary;
  };

  /** Brings a stream that exists to what the program says of what can change. */
  async function settle(StreamName: string, inputs: StreamInputs): Promise<void> {
    const is = await describe(StreamName);
    const mode = modeOf(inputs);
    if (mode !== is.StreamModeDetails.StreamMode) {
      await call("UpdateStreamMode", { StreamARN: is.StreamARN, StreamModeDetails: { StreamMode: mode } });
    }
    const shards = inputs.shardCount;
    if (mode === "PROVISIONED" && shards !== undefined) {
      await scale(StreamName, is.OpenShardCount, shards);
    }
    const hours = inputs.retentionPeriod ?? RETENTION;
    if (hours !== is.RetentionPeriodHours) {
      const operation = hours > is.RetentionPeriodHours ? "Increase" : "Decrease";
      await call(`${operation}StreamRetentionPeriod`, { StreamName, RetentionPeriodHours: hours });
    }
    await encrypt(StreamName, is, inputs);
    await monitor(StreamName, metricsOf(is), inputs.shardLevelMetrics ?? []);
  }

  /** A step at most doubles or halves. */
  async function scale(StreamName: string, from: number, to: number): Promise<void> {
    for (let count = from; count !== to; ) {
      count = to > count ? Math.min(to, count * 2) : Math.max(to, Math.ceil(count / 2));
      await call("UpdateShardCount", {
        StreamName,
        TargetShardCount: count,
        ScalingType: "UNIFORM_SCALING",
      });
    }
  }

  async function encrypt(StreamName: string, is: Summary, inputs: StreamInputs): Promise<void> {
    const wanted = inputs.encryptionType === "KMS" ? inputs.kmsKeyId : undefined;
    if (wanted === is.KeyId) return;
    if (wanted !== undefined) {
      await call("StartStreamEncryption", { StreamName, EncryptionType: "KMS", KeyId: wanted });
    } else {
      await call("StopStreamEncryption", { StreamName, EncryptionType: "KMS", KeyId: is.KeyId });
    }
  }

  async function monitor(
    StreamName: string,
    is: readonly string[],
    wanted: readonly string[],
  ): Promise<void> {
    const missing = wanted.filter((name) => !is.includes(name));
    const unwanted = is.filter((name) => !wanted.includes(name));
    if (unwanted.length > 0) {
      await call("DisableEnhancedMonitoring", { StreamName, ShardLevelMetrics: unwanted });
    }
    if (missing.length > 0)
      await call("EnableEnhancedMonitoring", { StreamName, ShardLevelMetrics: missing });
  }

  return resource<StreamArgs, StreamState>(aws.endpoint, {
    autoName: { property: "name", maxLength: 128 },
    replaceOn: ["name", "arn", "region"],
    recorded: ["maxRecordSizeInKib", "warmThroughputMibPs"],
    validate: (inputs) => [
      ...(modeOf(inputs) === "PROVISIONED" && inputs.shardCount === undefined
        ? [
            {
              property: "shardCount" as const,
              reason: "shardCount is required when the stream mode is PROVISIONED.",
            },
          ]
        : []),
      ...(inputs.encryptionType === "KMS" && inputs.kmsKeyId === undefined
        ? [{ property: "kmsKeyId" as const, reason: "kmsKeyId is required with the encryption type KMS." }]
        : []),
    ],
    find: (inputs) => aws.arn("kinesis", `stream/${inputs.name}`),
    async create(inputs, context) {
      const StreamName = String(inputs.name);
      const mode = modeOf(inputs);
      const tags = allTags(inputs.tags, context);
      try {
        await call("CreateStream", {
          StreamName,
          StreamModeDetails: { StreamMode: mode },
          ...(mode === "PROVISIONED" ? { ShardCount: inputs.shardCount } : {}),
          ...(isEmpty(tags) ? {} : { Tags: tags }),
        });
      } catch (error) {
        if (!hasCode(error, "ResourceInUseException") || !mayAdopt(StreamName, context)) throw error;
      }
      await settle(StreamName, inputs);
      return aws.arn("kinesis", `stream/${StreamName}`);
    },
    async describe(id, inputs, context) {
      const found = await describe(nameIn(id));
      return {
        arn: found.StreamARN,
        name: found.StreamName,
        encryptionType: found.EncryptionType ?? "NONE",
        ...(found.KeyId === undefined ? {} : { kmsKeyId: found.KeyId }),
        enforceConsumerDeletion: inputs.enforceConsumerDeletion ?? false,
        maxRecordSizeInKib: inputs.maxRecordSizeInKib ?? RECORD_SIZE,
        region: aws.region,
        retentionPeriod: found.RetentionPeriodHours,
        shardCount: found.StreamModeDetails.StreamMode === "ON_DEMAND" ? 0 : found.OpenShardCount,
        shardLevelMetrics: [...metricsOf(found)],
        streamModeDetails: { streamMode: found.StreamModeDetails.StreamMode },
        tagsAll: allTags(inputs.tags, context),
      };
    },
    async update(id, inputs, old, context) {
      const StreamName = nameIn(id);
      await settle(StreamName, inputs);
      const { put, removed } = tagChanges(inputs, old.inputs, context);
      if (removed.length > 0) await call("RemoveTagsFromStream", { StreamName, TagKeys: removed });
      if (!isEmpty(put)) await call("AddTagsToStream", { StreamName, Tags: put });
    },
    async delete(id, { inputs }) {
      await call("DeleteStream", {
        StreamName: nameIn(id),
        EnforceConsumerDeletion: inputs.enforceConsumerDeletion ?? false,
      });
    },
    predict: (inputs) => ({
      arn: aws.arn("kinesis", `stream/${inputs.name}`),
      region: aws.region,
    }),
  });
}

function modeOf(inputs: StreamInputs): string {
  return inputs.streamModeDetails?.streamMode ?? "PROVISIONED";
}

function metricsOf({ EnhancedMonitoring = [] }: Summary): readonly string[] {
  return EnhancedMonitoring.flatMap(({ ShardLevelMetrics = [] }) => ShardLevelMetrics);
}

function nameIn(arn: string): string {
  return arn.slice(arn.lastIndexOf("/") + 1);
}
