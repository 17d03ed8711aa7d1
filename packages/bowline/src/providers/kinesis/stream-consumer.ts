import type { ResourceHandler } from "@bowline/engine";
import type { StreamConsumerArgs, StreamConsumerState } from "@pulumi/aws/kinesis/streamConsumer.js";
import { type Aws, allTags, isEmpty, tagChanges } from "../aws.ts";
import { hasCode } from "../client.ts";
import { resource } from "../resource.ts";

interface Consumer {
  readonly ConsumerName: string;
  readonly ConsumerARN: string;
  readonly ConsumerCreationTimestamp: number;
}

export function streamConsumer(aws: Aws): ResourceHandler {
  const describe = async (by: object) => {
    const { ConsumerDescription } = await aws.client.json<{
      ConsumerDescription: Consumer & { readonly StreamARN: string };
    }>("kinesis", "DescribeStreamConsumer", by);
    return ConsumerDescription;
  };
  const find = async (StreamARN: string, ConsumerName: string) => {
    try {
      return (await describe({ StreamARN, ConsumerName })).ConsumerARN;
    } catch (error) {
      if (hasCode(error, "ResourceNotFoundException")) return undefined;
      throw error;
    }
  };

  return resource<StreamConsumerArgs, StreamConsumerState>(aws.endpoint, {
    required: ["streamArn"],
    autoName: { property: "name", maxLength: 128 },
    replaceOn: ["name", "streamArn", "region"],
    find: (inputs) => find(inputs.streamArn, String(inputs.name)),
    async create(inputs, context) {
      const tags = allTags(inputs.tags, context);
      const existing = await find(inputs.streamArn, String(inputs.name));
      if (existing !== undefined) return existing;
      const { Consumer } = await aws.client.json<{ Consumer: Consumer }>(
        "kinesis",
        "RegisterStreamConsumer",
        {
          StreamARN: inputs.streamArn,
          ConsumerName: inputs.name,
          ...(isEmpty(tags) ? {} : { Tags: tags }),
        },
      );
      return Consumer.ConsumerARN;
    },
    async describe(id, inputs, context) {
      const found = await describe({ ConsumerARN: id });
      return {
        arn: id,
        name: found.ConsumerName,
        streamArn: found.StreamARN,
        creationTimestamp: new Date(found.ConsumerCreationTimestamp * 1000).toISOString(),
        region: aws.region,
        tagsAll: allTags(inputs.tags, context),
      };
    },
    async update(id, inputs, old, context) {
      const { put, removed } = tagChanges(inputs, old.inputs, context);
      if (removed.length > 0) {
        await aws.client.json("kinesis", "UntagResource", { ResourceARN: id, TagKeys: removed });
      }
      if (!isEmpty(put)) await aws.client.json("kinesis", "TagResource", { ResourceARN: id, Tags: put });
    },
    delete: async (id) =>
      void (await aws.client.json("kinesis", "DeregisterStreamConsumer", { ConsumerARN: id })),
  });
}
