import type { ResourceHandler } from "@bowline/engine";
import type { TopicArgs, TopicState } from "@pulumi/aws/sns/topic.js";
import { type Aws, allTags, isEmpty, jsonText, tagChanges, tagList } from "../aws.ts";
import type { Inputs } from "../plain.ts";
import { resource } from "../resource.ts";
import { defaultTopicPolicy } from "./topic-policy.ts";

type TopicInputs = Inputs<TopicArgs>;

export function topic(aws: Aws): ResourceHandler {
  const arnOf = (inputs: TopicInputs) => aws.arn("sns", String(inputs.name));
  return resource<TopicArgs, TopicState>(aws.endpoint, {
    autoName: {
      property: "name",
      prefixProperty: "namePrefix",
      maxLength: 256,
      suffix: (inputs) => (inputs.fifoTopic === true ? ".fifo" : ""),
    },
    replaceOn: ["name", "namePrefix", "fifoTopic", "region"],
    recorded: [
      "applicationFailureFeedbackRoleArn",
      "applicationSuccessFeedbackRoleArn",
      "archivePolicy",
      "firehoseFailureFeedbackRoleArn",
      "firehoseSuccessFeedbackRoleArn",
      "httpFailureFeedbackRoleArn",
      "httpSuccessFeedbackRoleArn",
      "lambdaFailureFeedbackRoleArn",
      "lambdaSuccessFeedbackRoleArn",
      "sqsFailureFeedbackRoleArn",
      "sqsSuccessFeedbackRoleArn",
    ],
    complete: (inputs) => ({ ...inputs, policy: inputs.policy && jsonText(inputs.policy) }),
    validate: (inputs) =>
      String(inputs.name).endsWith(".fifo") === (inputs.fifoTopic ?? false)
        ? []
        : [{ property: "name", reason: 'The name of a FIFO topic, and only of one, ends in ".fifo".' }],
    find: arnOf,
    async create(inputs, context) {
      const tags = tagList(allTags(inputs.tags, context));
      // Creating what exists is no error, unless the attributes differ: they are set afterwards.
      await aws.client.query("sns", "CreateTopic", {
        Name: inputs.name,
        Attributes: inputs.fifoTopic ? entries({ FifoTopic: "true" }) : undefined,
        Tags: tags,
      });
      await setAttributes(aws, arnOf(inputs), inputs, undefined);
      return arnOf(inputs);
    },
    async describe(id, inputs, context) {
      const result = await aws.client.query("sns", "GetTopicAttributes", { TopicArn: id });
      const found = new Map(
        result
          .at("Attributes")
          .all("entry")
          .map((entry) => [entry.at("key").text, entry.at("value").text]),
      );
      return {
        arn: id,
        name: id.slice(id.lastIndexOf(":") + 1),
        owner: found.get("Owner") ?? aws.accountId,
        region: aws.region,
        displayName: found.get("DisplayName") ?? "",
        policy: found.get("Policy") ?? "",
        fifoTopic: found.get("FifoTopic") === "true",
        contentBasedDeduplication: found.get("ContentBasedDeduplication") === "true",
        fifoThroughputScope: found.get("FifoThroughputScope") ?? "",
        signatureVersion: Number(found.get("SignatureVersion") ?? 1),
        tracingConfig: found.get("TracingConfig") ?? "PassThrough",
        beginningArchiveTime: "",
        tagsAll: allTags(inputs.tags, context),
      };
    },
    async update(id, inputs, old, context) {
      await setAttributes(aws, id, inputs, old.inputs);
      const tags = tagChanges(inputs, old.inputs, context);
      if (tags.removed.length > 0)
        await aws.client.query("sns", "UntagResource", { ResourceArn: id, TagKeys: tags.removed });
      if (!isEmpty(tags.put))
        await aws.client.query("sns", "TagResource", { ResourceArn: id, Tags: tagList(tags.put) });
    },
    async delete(id) {
      await aws.client.query("sns", "DeleteTopic", { TopicArn: id });
    },
    predict: (inputs) => ({ arn: arnOf(inputs), owner: aws.accountId, region: aws.region }),
  });
}

/** SNS's maps, as the Query protocol has them. */
export function entries(values: Readonly<Record<string, string>>): Map<string, string> {
  return new Map(Object.entries(values));
}

async function setAttributes(
  aws: Aws,
  arn: string,
  inputs: TopicInputs,
  old: TopicInputs | undefined,
): Promise<void> {
  const now = attributesOf(aws, arn, inputs);
  const before = old && attributesOf(aws, arn, old);
  for (const [AttributeName, value] of Object.entries(now)) {
    const former = before ? before[AttributeName] : { value: undefined };
    if (value.value === former?.value || (!before && value.value === undefined)) continue;
    await aws.client.query("sns", "SetTopicAttributes", {
      TopicArn: arn,
      AttributeName,
      AttributeValue: value.value ?? value.unset,
    });
  }
}

/** What each attribute is to be, and what it is set to when the program stops naming it. */
function attributesOf(
  aws: Aws,
  arn: string,
  inputs: TopicInputs,
): Readonly<Record<string, { value: string | undefined; unset: string }>> {
  const attribute = (value: string | number | boolean | undefined, unset: string) => ({
    value: value === undefined ? undefined : String(value),
    unset,
  });
  return {
    DisplayName: attribute(inputs.displayName, ""),
    Policy: attribute(inputs.policy || undefined, defaultTopicPolicy(aws, arn)),
    DeliveryPolicy: attribute(inputs.deliveryPolicy, ""),
    KmsMasterKeyId: attribute(inputs.kmsMasterKeyId, ""),
    SignatureVersion: attribute(inputs.signatureVersion, "1"),
    TracingConfig: attribute(inputs.tracingConfig, "PassThrough"),
    ...(inputs.fifoTopic
      ? {
          ContentBasedDeduplication: attribute(inputs.contentBasedDeduplication, "false"),
          FifoThroughputScope: attribute(inputs.fifoThroughputScope, "Topic"),
        }
      : {}),
  };
}
