import type { ResourceHandler } from "@bowline/engine";
import type { AliasArgs, AliasState } from "@pulumi/aws/lambda/alias.js";
import type { Aws } from "../aws.ts";
import { hasCode } from "../client.ts";
import type { Inputs } from "../plain.ts";
import { resource } from "../resource.ts";
import { invokeArnOf } from "./function.ts";
import { functionName, functionPath } from "./paths.ts";

type AliasInputs = Inputs<AliasArgs>;

export function alias(aws: Aws): ResourceHandler {
  const root = (inputs: AliasInputs) => `${functionPath(inputs.functionName)}/aliases`;
  const pathOf = (inputs: AliasInputs) => `${root(inputs)}/${encodeURIComponent(String(inputs.name))}`;
  const arnOf = (inputs: AliasInputs) =>
    aws.arn("lambda", `function:${functionName(inputs.functionName)}:${inputs.name}`);
  const bodyOf = (inputs: AliasInputs) => ({
    FunctionVersion: inputs.functionVersion,
    Description: inputs.description ?? "",
    RoutingConfig: { AdditionalVersionWeights: inputs.routingConfig?.additionalVersionWeights ?? {} },
  });
  return resource<AliasArgs, AliasState>(aws.endpoint, {
    required: ["functionName", "functionVersion"],
    autoName: { property: "name", maxLength: 128 },
    replaceOn: ["name", "functionName", "region"],
    find: arnOf,
    async create(inputs) {
      try {
        await aws.client.restJson("lambda", "POST", root(inputs), { Name: inputs.name, ...bodyOf(inputs) });
      } catch (error) {
        // An alias lives within its function: one that exists can only be an earlier attempt.
        if (!hasCode(error, "ResourceConflictException")) throw error;
        await aws.client.restJson("lambda", "PUT", pathOf(inputs), bodyOf(inputs));
      }
      return arnOf(inputs);
    },
    async describe(id, inputs) {
      const found = await aws.client.restJson<{ FunctionVersion: string }>("lambda", "GET", pathOf(inputs));
      return {
        name: inputs.name,
        arn: id,
        invokeArn: invokeArnOf(aws, id),
        functionVersion: found.FunctionVersion,
        region: aws.region,
      };
    },
    async update(_id, inputs) {
      await aws.client.restJson("lambda", "PUT", pathOf(inputs), bodyOf(inputs));
    },
    async delete(_id, { inputs }) {
      await aws.client.restJson("lambda", "DELETE", pathOf(inputs));
    },
    predict: (inputs) => ({
      arn: arnOf(inputs),
      invokeArn: invokeArnOf(aws, arnOf(inputs)),
      region: aws.region,
    }),
  });
}
