import type { ResourceHandler } from "@bowline/engine";
import type {
  FunctionEventInvokeConfigArgs,
  FunctionEventInvokeConfigState,
} from "@pulumi/aws/lambda/functionEventInvokeConfig.js";
import type { Aws } from "../aws.ts";
import type { Inputs } from "../plain.ts";
import { resource } from "../resource.ts";
import { functionPath } from "./paths.ts";

type ConfigInputs = Inputs<FunctionEventInvokeConfigArgs>;

export function functionEventInvokeConfig(aws: Aws): ResourceHandler {
  const call = (method: "GET" | "PUT" | "DELETE", inputs: ConfigInputs, body?: object) =>
    aws.client.restJson(
      "lambda",
      method,
      `${functionPath(inputs.functionName, "2019-09-25")}/event-invoke-config`,
      body,
      {
        Qualifier: inputs.qualifier,
      },
    );
  const put = (inputs: ConfigInputs) =>
    call("PUT", inputs, {
      MaximumEventAgeInSeconds: inputs.maximumEventAgeInSeconds,
      MaximumRetryAttempts: inputs.maximumRetryAttempts ?? 2,
      DestinationConfig: {
        OnFailure: { Destination: inputs.destinationConfig?.onFailure?.destination },
        OnSuccess: { Destination: inputs.destinationConfig?.onSuccess?.destination },
      },
    });
  return resource<FunctionEventInvokeConfigArgs, FunctionEventInvokeConfigState>(aws.endpoint, {
    required: ["functionName"],
    replaceOn: ["functionName", "qualifier", "region"],
    find: idOf,
    async create(inputs) {
      await put(inputs);
      return idOf(inputs);
    },
    async describe(_id, inputs) {
      await call("GET", inputs);
      return {
        functionName: inputs.functionName,
        maximumRetryAttempts: inputs.maximumRetryAttempts ?? 2,
        region: aws.region,
      };
    },
    async update(_id, inputs) {
      await put(inputs);
    },
    async delete(_id, { inputs }) {
      await call("DELETE", inputs);
    },
  });
}

function idOf(inputs: ConfigInputs): string {
  return inputs.qualifier ? `${inputs.functionName}:${inputs.qualifier}` : inputs.functionName;
}
