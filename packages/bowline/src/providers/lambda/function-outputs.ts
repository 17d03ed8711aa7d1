import type { ResourceContext } from "@bowline/engine";
import type { FunctionArgs, FunctionState } from "@pulumi/aws/lambda/function.js";
import { type Aws, allTags } from "../aws.ts";
import type { Inputs, Outputs } from "../plain.ts";

/** What GetFunctionConfiguration answers, as far as we read it. */
export interface FunctionConfiguration {
  readonly FunctionName: string;
  readonly FunctionArn: string;
  readonly Role: string;
  readonly Runtime?: string;
  readonly Handler?: string;
  readonly CodeSize?: number;
  readonly CodeSha256?: string;
  readonly Description?: string;
  readonly Timeout?: number;
  readonly MemorySize?: number;
  readonly LastModified?: string;
  readonly PackageType?: string;
  readonly Architectures?: readonly string[];
  readonly EphemeralStorage?: { readonly Size?: number };
  readonly TracingConfig?: { readonly Mode?: string };
  readonly LoggingConfig?: { readonly LogFormat?: string; readonly LogGroup?: string };
  readonly State?: string;
  readonly StateReason?: string;
  readonly LastUpdateStatus?: string;
  readonly LastUpdateStatusReason?: string;
}

export function functionOutputs(
  aws: Aws,
  inputs: Inputs<FunctionArgs>,
  found: FunctionConfiguration,
  version: string,
  context: { readonly config?: ResourceContext["config"] },
): Outputs<FunctionState> {
  const arn = found.FunctionArn;
  const apiGateway = (path: string) => `arn:aws:apigateway:${aws.region}:lambda:path/${path}`;
  return {
    name: found.FunctionName,
    arn,
    region: aws.region,
    version,
    qualifiedArn: `${arn}:${version}`,
    invokeArn: apiGateway(`2015-03-31/functions/${arn}/invocations`),
    qualifiedInvokeArn: apiGateway(`2015-03-31/functions/${arn}:${version}/invocations`),
    responseStreamingInvokeArn: apiGateway(`2021-11-15/functions/${arn}/response-streaming-invocations`),
    lastModified: found.LastModified ?? "",
    sourceCodeHash: inputs.sourceCodeHash ?? found.CodeSha256 ?? "",
    codeSha256: found.CodeSha256 ?? "",
    sourceCodeSize: found.CodeSize ?? 0,
    role: found.Role,
    runtime: found.Runtime,
    handler: found.Handler,
    description: found.Description ?? "",
    timeout: found.Timeout ?? 3,
    memorySize: found.MemorySize ?? 128,
    packageType: found.PackageType ?? "Zip",
    architectures: found.Architectures ?? ["x86_64"],
    ephemeralStorage: { size: found.EphemeralStorage?.Size ?? 512 },
    tracingConfig: { mode: found.TracingConfig?.Mode ?? "PassThrough" },
    loggingConfig: inputs.loggingConfig ?? {
      logFormat: found.LoggingConfig?.LogFormat ?? "Text",
      logGroup: found.LoggingConfig?.LogGroup ?? `/aws/lambda/${found.FunctionName}`,
      applicationLogLevel: "",
      systemLogLevel: "",
    },
    reservedConcurrentExecutions: inputs.reservedConcurrentExecutions ?? -1,
    publish: inputs.publish ?? false,
    skipDestroy: inputs.skipDestroy ?? false,
    signingJobArn: "",
    signingProfileVersionArn: "",
    tagsAll: allTags(inputs.tags, context),
  };
}
