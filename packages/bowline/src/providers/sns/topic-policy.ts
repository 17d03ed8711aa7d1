import type { ResourceHandler } from "@bowline/engine";
import type { TopicPolicyArgs, TopicPolicyState } from "@pulumi/aws/sns/topicPolicy.js";
import { type Aws, jsonText } from "../aws.ts";
import { resource } from "../resource.ts";

/** What a topic has from the start: its owner may do everything with it. A topic is never without a policy. */
export function defaultTopicPolicy(aws: Aws, topicArn: string): string {
  return JSON.stringify({
    Version: "2008-10-17",
    Id: "__default_policy_ID",
    Statement: [
      {
        Sid: "__default_statement_ID",
        Effect: "Allow",
        Principal: { AWS: "*" },
        Action: [
          "SNS:GetTopicAttributes",
          "SNS:SetTopicAttributes",
          "SNS:AddPermission",
          "SNS:RemovePermission",
          "SNS:DeleteTopic",
          "SNS:Subscribe",
          "SNS:ListSubscriptionsByTopic",
          "SNS:Publish",
        ],
        Resource: topicArn,
        Condition: { StringEquals: { "AWS:SourceOwner": aws.accountId } },
      },
    ],
  });
}

export function topicPolicy(aws: Aws): ResourceHandler {
  const put = (TopicArn: string, AttributeValue: string) =>
    aws.client.query("sns", "SetTopicAttributes", { TopicArn, AttributeName: "Policy", AttributeValue });
  return resource<TopicPolicyArgs, TopicPolicyState>(aws.endpoint, {
    required: ["arn", "policy"],
    replaceOn: ["arn", "region"],
    complete: (inputs) =>
      inputs.policy === undefined ? inputs : { ...inputs, policy: jsonText(inputs.policy) },
    find: (inputs) => inputs.arn,
    async create(inputs) {
      await put(inputs.arn, jsonText(inputs.policy));
      return inputs.arn;
    },
    async describe(id) {
      await aws.client.query("sns", "GetTopicAttributes", { TopicArn: id });
      return { arn: id, owner: aws.accountId, region: aws.region };
    },
    async update(id, inputs) {
      await put(id, jsonText(inputs.policy));
    },
    async delete(id) {
      await put(id, defaultTopicPolicy(aws, id));
    },
    predict: (inputs) => ({ arn: inputs.arn, owner: aws.accountId }),
  });
}
