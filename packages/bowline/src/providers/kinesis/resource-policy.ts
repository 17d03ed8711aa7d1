import type { ResourceHandler } from "@bowline/engine";
import type { ResourcePolicyArgs, ResourcePolicyState } from "@pulumi/aws/kinesis/resourcePolicy.js";
import { type Aws, jsonText } from "../aws.ts";
import { resource } from "../resource.ts";

export function resourcePolicy(aws: Aws): ResourceHandler {
  const put = (ResourceARN: string, Policy: string) =>
    aws.client.json("kinesis", "PutResourcePolicy", { ResourceARN, Policy });
  return resource<ResourcePolicyArgs, ResourcePolicyState>(aws.endpoint, {
    required: ["resourceArn", "policy"],
    replaceOn: ["resourceArn", "region"],
    complete: (inputs) =>
      inputs.policy === undefined ? inputs : { ...inputs, policy: jsonText(inputs.policy) },
    find: (inputs) => inputs.resourceArn,
    async create(inputs) {
      await put(inputs.resourceArn, jsonText(inputs.policy));
      return inputs.resourceArn;
    },
    async describe(id) {
      const { Policy } = await aws.client.json<{ Policy?: string }>("kinesis", "GetResourcePolicy", {
        ResourceARN: id,
      });
      return Policy ? { resourceArn: id, region: aws.region } : undefined;
    },
    update: async (id, inputs) => void (await put(id, jsonText(inputs.policy))),
    delete: async (id) =>
      void (await aws.client.json("kinesis", "DeleteResourcePolicy", { ResourceARN: id })),
  });
}
