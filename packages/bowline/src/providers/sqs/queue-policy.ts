/** Attributes of a queue that are resources of their own. */
import type { ResourceHandler } from "@bowline/engine";
import type { QueuePolicyArgs, QueuePolicyState } from "@pulumi/aws/sqs/queuePolicy.js";
import type { RedriveAllowPolicyArgs, RedriveAllowPolicyState } from "@pulumi/aws/sqs/redriveAllowPolicy.js";
import type { RedrivePolicyArgs, RedrivePolicyState } from "@pulumi/aws/sqs/redrivePolicy.js";
import { type Aws, jsonText } from "../aws.ts";
import { type Definition, resource } from "../resource.ts";

export function queuePolicy(aws: Aws): ResourceHandler {
  return resource<QueuePolicyArgs, QueuePolicyState>(aws.endpoint, {
    ...attribute(aws, "Policy", "policy"),
    required: ["queueUrl", "policy"],
    complete: (inputs) =>
      inputs.policy === undefined ? inputs : { ...inputs, policy: jsonText(inputs.policy) },
  });
}

export function redrivePolicy(aws: Aws): ResourceHandler {
  return resource<RedrivePolicyArgs, RedrivePolicyState>(aws.endpoint, {
    ...attribute(aws, "RedrivePolicy", "redrivePolicy"),
    required: ["queueUrl", "redrivePolicy"],
  });
}

export function redriveAllowPolicy(aws: Aws): ResourceHandler {
  return resource<RedriveAllowPolicyArgs, RedriveAllowPolicyState>(aws.endpoint, {
    ...attribute(aws, "RedriveAllowPolicy", "redriveAllowPolicy"),
    required: ["queueUrl", "redriveAllowPolicy"],
  });
}

type Shape<Input extends string> = { readonly queueUrl: string } & { readonly [K in Input]: string | object };
type Shared<Input extends string> = Pick<
  Definition<Shape<Input>, { queueUrl?: string; region?: string }>,
  "create" | "find" | "describe" | "update" | "delete" | "replaces"
>;

function attribute<Input extends string>(aws: Aws, name: string, input: Input): Shared<Input> {
  const put = (QueueUrl: string, value: string) =>
    aws.client.json("sqs", "SetQueueAttributes", { QueueUrl, Attributes: { [name]: value } });
  const textOf = (inputs: Shape<Input>) => jsonText(inputs[input]);
  return {
    // The URL of one and the same queue changes with the cloud's port: that replaces nothing.
    replaces: (old, inputs) => (pathOf(old.inputs.queueUrl) === pathOf(inputs.queueUrl) ? [] : ["queueUrl"]),
    find: (inputs) => inputs.queueUrl,
    async create(inputs) {
      await put(inputs.queueUrl, textOf(inputs as Shape<Input>));
      return inputs.queueUrl;
    },
    async describe(_id, inputs) {
      const { Attributes } = await aws.client.json<{ Attributes?: Readonly<Record<string, string>> }>(
        "sqs",
        "GetQueueAttributes",
        {
          QueueUrl: inputs.queueUrl,
          AttributeNames: [name],
        },
      );
      return Attributes?.[name] ? { queueUrl: inputs.queueUrl, region: aws.region } : undefined;
    },
    async update(_id, inputs) {
      await put(inputs.queueUrl, textOf(inputs as Shape<Input>));
    },
    async delete(_id, { inputs }) {
      await put(inputs.queueUrl, "");
    },
  };
}

function pathOf(url: string): string {
  return URL.canParse(url) ? new URL(url).pathname : url;
}
