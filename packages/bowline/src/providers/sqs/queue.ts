import type { ResourceHandler } from "@bowline/engine";
import type { QueueArgs, QueueState } from "@pulumi/aws/sqs/queue.js";
import { type Aws, allTags, isEmpty, jsonText, tagChanges } from "../aws.ts";
import { hasCode } from "../client.ts";
import type { Inputs } from "../plain.ts";
import { mayAdopt, resource } from "../resource.ts";
import { changedAttributes, queueAttributes } from "./attributes.ts";

export function queue(aws: Aws): ResourceHandler {
  return resource<QueueArgs, QueueState>(aws.endpoint, {
    autoName: { property: "name", prefixProperty: "namePrefix", maxLength: 80, suffix: suffixOf },
    replaceOn: ["name", "namePrefix", "fifoQueue", "region"],
    endpointOutputs: ["url"],
    complete: (inputs) => ({
      ...inputs,
      policy: inputs.policy && jsonText(inputs.policy),
      redrivePolicy: inputs.redrivePolicy && jsonText(inputs.redrivePolicy),
      redriveAllowPolicy: inputs.redriveAllowPolicy && jsonText(inputs.redriveAllowPolicy),
    }),
    validate: (inputs) =>
      String(inputs.name).endsWith(".fifo") === (inputs.fifoQueue ?? false)
        ? []
        : [{ property: "name", reason: 'The name of a FIFO queue, and only of one, ends in ".fifo".' }],
    find: (inputs) => urlOf(aws, String(inputs.name)),
    async create(inputs, context) {
      const name = String(inputs.name);
      const attributes = queueAttributes(inputs);
      try {
        const { QueueUrl } = await aws.client.json<{ QueueUrl: string }>("sqs", "CreateQueue", {
          QueueName: name,
          Attributes: attributes,
          tags: allTags(inputs.tags, context),
        });
        return QueueUrl;
      } catch (error) {
        if (!hasCode(error, "QueueAlreadyExists", "QueueNameExists") || !mayAdopt(name, context)) throw error;
      }
      const url = await urlOf(aws, name);
      const { FifoQueue: _fixed, ...changeable } = attributes;
      await aws.client.json("sqs", "SetQueueAttributes", { QueueUrl: url, Attributes: changeable });
      return url;
    },
    async describe(id, inputs, context) {
      const url = await urlOf(aws, nameIn(id));
      const { Attributes } = await aws.client.json<{ Attributes: Readonly<Record<string, string>> }>(
        "sqs",
        "GetQueueAttributes",
        {
          QueueUrl: url,
          AttributeNames: ["All"],
        },
      );
      const number = (name: string) => Number(Attributes[name] ?? 0);
      return {
        name: nameIn(id),
        url,
        arn: Attributes.QueueArn,
        region: aws.region,
        fifoQueue: Attributes.FifoQueue === "true",
        contentBasedDeduplication: Attributes.ContentBasedDeduplication === "true",
        deduplicationScope: Attributes.DeduplicationScope ?? "",
        fifoThroughputLimit: Attributes.FifoThroughputLimit ?? "",
        delaySeconds: number("DelaySeconds"),
        maxMessageSize: number("MaximumMessageSize"),
        messageRetentionSeconds: number("MessageRetentionPeriod"),
        receiveWaitTimeSeconds: number("ReceiveMessageWaitTimeSeconds"),
        visibilityTimeoutSeconds: number("VisibilityTimeout"),
        kmsDataKeyReusePeriodSeconds: inputs.kmsDataKeyReusePeriodSeconds ?? 300,
        sqsManagedSseEnabled: Attributes.SqsManagedSseEnabled === "true",
        policy: Attributes.Policy ?? "",
        redrivePolicy: Attributes.RedrivePolicy ?? "",
        redriveAllowPolicy: Attributes.RedriveAllowPolicy ?? "",
        tagsAll: allTags(inputs.tags, context),
      };
    },
    async update(id, inputs, old, context) {
      const QueueUrl = await urlOf(aws, nameIn(id));
      const Attributes = changedAttributes(inputs, old.inputs);
      if (!isEmpty(Attributes)) await aws.client.json("sqs", "SetQueueAttributes", { QueueUrl, Attributes });
      const tags = tagChanges(inputs, old.inputs, context);
      if (tags.removed.length > 0)
        await aws.client.json("sqs", "UntagQueue", { QueueUrl, TagKeys: tags.removed });
      if (!isEmpty(tags.put)) await aws.client.json("sqs", "TagQueue", { QueueUrl, Tags: tags.put });
    },
    async delete(id) {
      await aws.client.json("sqs", "DeleteQueue", { QueueUrl: await urlOf(aws, nameIn(id)) });
    },
    predict: (inputs) => ({ arn: aws.arn("sqs", String(inputs.name)), region: aws.region }),
  });
}

function suffixOf(inputs: Inputs<QueueArgs>): string {
  return inputs.fifoQueue === true ? ".fifo" : "";
}

/** The id is the URL the queue was made under; its origin may have changed since, its name has not. */
function nameIn(url: string): string {
  return url.slice(url.lastIndexOf("/") + 1);
}

async function urlOf(aws: Aws, name: string): Promise<string> {
  const { QueueUrl } = await aws.client.json<{ QueueUrl: string }>("sqs", "GetQueueUrl", { QueueName: name });
  return QueueUrl;
}
