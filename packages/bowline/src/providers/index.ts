/** Makes the resource types of `@pulumi/aws` real on an endpoint that speaks AWS: the local cloud. */
import type { Provider, ResourceHandler } from "@bowline/engine";
import { apigatewayv2 } from "./apigatewayv2/index.ts";
import type { Aws } from "./aws.ts";
import { awsClient, type ClientOptions } from "./client.ts";
import { cloudwatch } from "./cloudwatch/index.ts";
import { dynamodb } from "./dynamodb/index.ts";
import { iam } from "./iam/index.ts";
import { invokes } from "./invoke/index.ts";
import { kinesis } from "./kinesis/index.ts";
import { lambda } from "./lambda/index.ts";
import { s3 } from "./s3/index.ts";
import { scheduler } from "./scheduler/index.ts";
import { sns } from "./sns/index.ts";
import { sqs } from "./sqs/index.ts";
import { ssm } from "./ssm/index.ts";

export interface AwsProviderOptions extends ClientOptions {
  readonly accountId: string;
  /** Where the program's relative paths begin; default: the working directory. */
  readonly cwd?: string;
}

/** One line each. */
const services = [apigatewayv2, s3, dynamodb, iam, kinesis, lambda, cloudwatch, sqs, sns, ssm, scheduler];

/** The version of `@pulumi/aws` whose inputs and outputs these are. */
const VERSION = "7.48.0";

/**
 * @example
 * const provider = awsProvider({ endpoint: cloud.endpoint, region: cloud.region, accountId: cloud.accountId, credentials: cloud.credentials });
 */
export function awsProvider(options: AwsProviderOptions): Provider {
  const aws = account(options);
  const handlers = new Map(Object.entries(resources(aws)));
  return {
    name: "aws",
    version: VERSION,
    resource: (type) => handlers.get(type),
    replaceOnConfig: ["region"],
    invoke: invokes(aws),
  };
}

/** The tokens of every type that is made real. */
export function resourceTypes(options: AwsProviderOptions): string[] {
  return Object.keys(resources(account(options)));
}

function resources(aws: Aws): Readonly<Record<string, ResourceHandler>> {
  return Object.assign({}, ...services.map((service) => service(aws)));
}

function account(options: AwsProviderOptions): Aws {
  const { endpoint, region, accountId, cwd = process.cwd() } = options;
  return {
    client: awsClient(options),
    endpoint: typeof endpoint === "string" ? endpoint : endpoint("aws"),
    region,
    accountId,
    cwd,
    arn: (service, resource) => `arn:aws:${service}:${region}:${accountId}:${resource}`,
    globalArn: (service, resource) => `arn:aws:${service}::${accountId}:${resource}`,
  };
}
