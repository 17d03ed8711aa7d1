/** A sample call of every operation of the Lambda API, with the least that allows it. */
import {
  AddPermissionCommand,
  CreateAliasCommand,
  CreateEventSourceMappingCommand,
  CreateFunctionCommand,
  CreateFunctionUrlConfigCommand,
  DeleteAliasCommand,
  DeleteEventSourceMappingCommand,
  DeleteFunctionCommand,
  DeleteFunctionConcurrencyCommand,
  DeleteFunctionEventInvokeConfigCommand,
  DeleteFunctionUrlConfigCommand,
  DeleteLayerVersionCommand,
  GetAccountSettingsCommand,
  GetAliasCommand,
  GetEventSourceMappingCommand,
  GetFunctionCodeSigningConfigCommand,
  GetFunctionCommand,
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  GetFunctionEventInvokeConfigCommand,
  GetFunctionRecursionConfigCommand,
  GetFunctionUrlConfigCommand,
  GetLayerVersionByArnCommand,
  GetLayerVersionCommand,
  GetPolicyCommand,
  GetProvisionedConcurrencyConfigCommand,
  GetRuntimeManagementConfigCommand,
  InvokeAsyncCommand,
  InvokeCommand,
  InvokeWithResponseStreamCommand,
  LambdaClient,
  ListAliasesCommand,
  ListEventSourceMappingsCommand,
  ListFunctionEventInvokeConfigsCommand,
  ListFunctionsCommand,
  ListFunctionUrlConfigsCommand,
  ListLayersCommand,
  ListLayerVersionsCommand,
  ListProvisionedConcurrencyConfigsCommand,
  ListTagsCommand,
  ListVersionsByFunctionCommand,
  PublishLayerVersionCommand,
  PublishVersionCommand,
  PutFunctionConcurrencyCommand,
  PutFunctionEventInvokeConfigCommand,
  RemovePermissionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateAliasCommand,
  UpdateEventSourceMappingCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  UpdateFunctionEventInvokeConfigCommand,
  UpdateFunctionUrlConfigCommand,
} from "@aws-sdk/client-lambda";
import { CreateQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { PolicyStatement } from "../iam/policy.ts";
import { type SampleCall, sampleCalls } from "../samples.ts";
import { zip } from "./testing.ts";

interface Fixture {
  readonly FunctionName: string;
  readonly arn: string;
  readonly Role: string;
  readonly queue: string;
  readonly UUID: string;
  readonly LayerName: string;
}

const ACCOUNT = "arn:aws:lambda:us-east-1:000000000000";
const CODE = zip({ "index.mjs": "export const handler = async () => 1" });
const PROGRAM = { Runtime: "nodejs22.x", Handler: "index.handler" } as const;

const allowing = (action: string, resource: string): PolicyStatement => ({
  Effect: "Allow",
  Action: `lambda:${action}`,
  Resource: resource,
});

type Sample = SampleCall<LambdaClient, Fixture>;

/** An operation whose one permission is of its own name on the function. */
function onFunction(action: string, call: Sample["call"]): Record<string, Sample> {
  return { [action]: { call, allow: ({ arn }) => [allowing(action, arn)] } };
}

/** An operation whose one permission is on everything. */
function onAll(action: string, call: Sample["call"]): Record<string, Sample> {
  return { [action]: { call, allow: () => [allowing(action, "*")] } };
}

const mapping = (action: string, call: Sample["call"]): Record<string, Sample> => ({
  [action]: { call, allow: ({ UUID }) => [allowing(action, `${ACCOUNT}:event-source-mapping:${UUID}`)] },
});

const layer = (action: string, suffix: string, call: Sample["call"]): Record<string, Sample> => ({
  [action]: { call, allow: ({ LayerName }) => [allowing(action, `${ACCOUNT}:layer:${LayerName}${suffix}`)] },
});

export const samples = sampleCalls<LambdaClient, Fixture>({
  service: "lambda",
  client: (test, credentials) => test.client(LambdaClient, credentials),

  async prepare(test, unique) {
    const lambda = test.client(LambdaClient);
    const queue = `arn:aws:sqs:us-east-1:000000000000:${unique}`;
    await test.client(SQSClient).send(new CreateQueueCommand({ QueueName: unique }));
    const { roleArn: Role } = await test.roleWith(
      [{ Effect: "Allow", Action: "sqs:*", Resource: `${queue}*` }],
      `${unique}Role`,
    );
    const FunctionName = unique;
    await lambda.send(new CreateFunctionCommand({ FunctionName, Role, Code: { ZipFile: CODE }, ...PROGRAM }));
    await lambda.send(new PublishVersionCommand({ FunctionName }));
    await lambda.send(new CreateAliasCommand({ FunctionName, Name: "live", FunctionVersion: "1" }));
    await lambda.send(new CreateFunctionUrlConfigCommand({ FunctionName, AuthType: "NONE" }));
    await lambda.send(new PutFunctionEventInvokeConfigCommand({ FunctionName, MaximumRetryAttempts: 0 }));
    await lambda.send(
      new AddPermissionCommand({
        FunctionName,
        StatementId: "there",
        Action: "lambda:GetFunction",
        Principal: "111111111111",
      }),
    );
    await lambda.send(new PublishLayerVersionCommand({ LayerName: unique, Content: { ZipFile: CODE } }));
    const { UUID = "" } = await lambda.send(
      new CreateEventSourceMappingCommand({ FunctionName, EventSourceArn: queue, Enabled: false }),
    );
    return { FunctionName, arn: `${ACCOUNT}:function:${unique}`, Role, queue, UUID, LayerName: unique };
  },

  calls: {
    CreateFunction: {
      call: (lambda, { FunctionName, Role }) =>
        lambda.send(
          new CreateFunctionCommand({
            FunctionName: `${FunctionName}New`,
            Role,
            Code: { ZipFile: CODE },
            ...PROGRAM,
          }),
        ),
      allow: ({ arn, Role }) => [
        allowing("CreateFunction", `${arn}New`),
        { Effect: "Allow", Action: "iam:PassRole", Resource: Role },
      ],
    },
    ...onFunction("GetFunction", (lambda, { FunctionName }) =>
      lambda.send(new GetFunctionCommand({ FunctionName })),
    ),
    ...onFunction("GetFunctionConfiguration", (lambda, { FunctionName }) =>
      lambda.send(new GetFunctionConfigurationCommand({ FunctionName })),
    ),
    ...onFunction("UpdateFunctionCode", (lambda, { FunctionName }) =>
      lambda.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile: CODE })),
    ),
    ...onFunction("UpdateFunctionConfiguration", (lambda, { FunctionName }) =>
      lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Timeout: 5 })),
    ),
    ...onFunction("DeleteFunction", (lambda, { FunctionName }) =>
      lambda.send(new DeleteFunctionCommand({ FunctionName })),
    ),
    ...onAll("ListFunctions", (lambda) => lambda.send(new ListFunctionsCommand({}))),
    ...onFunction("GetFunctionCodeSigningConfig", (lambda, { FunctionName }) =>
      lambda.send(new GetFunctionCodeSigningConfigCommand({ FunctionName })),
    ),

    ...onFunction("GetRuntimeManagementConfig", (lambda, { FunctionName }) =>
      lambda.send(new GetRuntimeManagementConfigCommand({ FunctionName })),
    ),
    ...onFunction("GetFunctionRecursionConfig", (lambda, { FunctionName }) =>
      lambda.send(new GetFunctionRecursionConfigCommand({ FunctionName })),
    ),
    ...onFunction("ListProvisionedConcurrencyConfigs", (lambda, { FunctionName }) =>
      lambda.send(new ListProvisionedConcurrencyConfigsCommand({ FunctionName })),
    ),
    GetProvisionedConcurrencyConfig: {
      call: (lambda, { FunctionName }) =>
        lambda.send(new GetProvisionedConcurrencyConfigCommand({ FunctionName, Qualifier: "live" })),
      allow: ({ arn }) => [allowing("GetProvisionedConcurrencyConfig", `${arn}:live`)],
      endsIn: "ProvisionedConcurrencyConfigNotFoundException",
    },

    Invoke: {
      call: (lambda, { FunctionName }) => lambda.send(new InvokeCommand({ FunctionName })),
      allow: ({ arn }) => [allowing("InvokeFunction", arn)],
    },
    InvokeAsync: {
      call: (lambda, { FunctionName }) =>
        lambda.send(new InvokeAsyncCommand({ FunctionName, InvokeArgs: "{}" })),
      allow: ({ arn }) => [allowing("InvokeFunction", arn)],
    },
    InvokeWithResponseStream: {
      async call(lambda, { FunctionName }) {
        const { EventStream } = await lambda.send(new InvokeWithResponseStreamCommand({ FunctionName }));
        // The connection is free again when the stream is read to its end.
        for await (const _part of EventStream ?? []);
      },
      allow: ({ arn }) => [allowing("InvokeFunction", arn)],
    },

    ...onFunction("PublishVersion", (lambda, { FunctionName }) =>
      lambda.send(new PublishVersionCommand({ FunctionName })),
    ),
    ...onFunction("ListVersionsByFunction", (lambda, { FunctionName }) =>
      lambda.send(new ListVersionsByFunctionCommand({ FunctionName })),
    ),
    ...onFunction("CreateAlias", (lambda, { FunctionName }) =>
      lambda.send(new CreateAliasCommand({ FunctionName, Name: "next", FunctionVersion: "1" })),
    ),
    ...onFunction("ListAliases", (lambda, { FunctionName }) =>
      lambda.send(new ListAliasesCommand({ FunctionName })),
    ),
    ...onFunction("GetAlias", (lambda, { FunctionName }) =>
      lambda.send(new GetAliasCommand({ FunctionName, Name: "live" })),
    ),
    ...onFunction("UpdateAlias", (lambda, { FunctionName }) =>
      lambda.send(new UpdateAliasCommand({ FunctionName, Name: "live", FunctionVersion: "1" })),
    ),
    ...onFunction("DeleteAlias", (lambda, { FunctionName }) =>
      lambda.send(new DeleteAliasCommand({ FunctionName, Name: "live" })),
    ),

    ...onFunction("AddPermission", (lambda, { FunctionName }) =>
      lambda.send(
        new AddPermissionCommand({
          FunctionName,
          StatementId: "new",
          Action: "lambda:GetFunction",
          Principal: "111111111111",
        }),
      ),
    ),
    ...onFunction("GetPolicy", (lambda, { FunctionName }) =>
      lambda.send(new GetPolicyCommand({ FunctionName })),
    ),
    ...onFunction("RemovePermission", (lambda, { FunctionName }) =>
      lambda.send(new RemovePermissionCommand({ FunctionName, StatementId: "there" })),
    ),

    CreateFunctionUrlConfig: {
      call: (lambda, { FunctionName }) =>
        lambda.send(
          new CreateFunctionUrlConfigCommand({ FunctionName, Qualifier: "live", AuthType: "NONE" }),
        ),
      allow: ({ arn }) => [allowing("CreateFunctionUrlConfig", `${arn}:live`)],
    },
    ...onFunction("GetFunctionUrlConfig", (lambda, { FunctionName }) =>
      lambda.send(new GetFunctionUrlConfigCommand({ FunctionName })),
    ),
    ...onFunction("UpdateFunctionUrlConfig", (lambda, { FunctionName }) =>
      lambda.send(new UpdateFunctionUrlConfigCommand({ FunctionName, AuthType: "AWS_IAM" })),
    ),
    ...onFunction("DeleteFunctionUrlConfig", (lambda, { FunctionName }) =>
      lambda.send(new DeleteFunctionUrlConfigCommand({ FunctionName })),
    ),
    ...onFunction("ListFunctionUrlConfigs", (lambda, { FunctionName }) =>
      lambda.send(new ListFunctionUrlConfigsCommand({ FunctionName })),
    ),

    ...onFunction("TagResource", (lambda, { arn }) =>
      lambda.send(new TagResourceCommand({ Resource: arn, Tags: { a: "1" } })),
    ),
    ...onFunction("UntagResource", (lambda, { arn }) =>
      lambda.send(new UntagResourceCommand({ Resource: arn, TagKeys: ["a"] })),
    ),
    ...onFunction("ListTags", (lambda, { arn }) => lambda.send(new ListTagsCommand({ Resource: arn }))),
    ...onFunction("PutFunctionConcurrency", (lambda, { FunctionName }) =>
      lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 1 })),
    ),
    ...onFunction("GetFunctionConcurrency", (lambda, { FunctionName }) =>
      lambda.send(new GetFunctionConcurrencyCommand({ FunctionName })),
    ),
    ...onFunction("DeleteFunctionConcurrency", (lambda, { FunctionName }) =>
      lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName })),
    ),
    ...onAll("GetAccountSettings", (lambda) => lambda.send(new GetAccountSettingsCommand({}))),

    ...onFunction("PutFunctionEventInvokeConfig", (lambda, { FunctionName }) =>
      lambda.send(new PutFunctionEventInvokeConfigCommand({ FunctionName, MaximumRetryAttempts: 1 })),
    ),
    ...onFunction("UpdateFunctionEventInvokeConfig", (lambda, { FunctionName }) =>
      lambda.send(new UpdateFunctionEventInvokeConfigCommand({ FunctionName, MaximumRetryAttempts: 1 })),
    ),
    ...onFunction("GetFunctionEventInvokeConfig", (lambda, { FunctionName }) =>
      lambda.send(new GetFunctionEventInvokeConfigCommand({ FunctionName })),
    ),
    ...onFunction("DeleteFunctionEventInvokeConfig", (lambda, { FunctionName }) =>
      lambda.send(new DeleteFunctionEventInvokeConfigCommand({ FunctionName })),
    ),
    ...onFunction("ListFunctionEventInvokeConfigs", (lambda, { FunctionName }) =>
      lambda.send(new ListFunctionEventInvokeConfigsCommand({ FunctionName })),
    ),

    CreateEventSourceMapping: {
      call: (lambda, { FunctionName, queue }) =>
        lambda.send(
          new CreateEventSourceMappingCommand({
            FunctionName: `${FunctionName}:live`,
            EventSourceArn: queue,
            Enabled: false,
          }),
        ),
      allow: () => [allowing("CreateEventSourceMapping", "*")],
    },
    ...mapping("GetEventSourceMapping", (lambda, { UUID }) =>
      lambda.send(new GetEventSourceMappingCommand({ UUID })),
    ),
    ...mapping("UpdateEventSourceMapping", (lambda, { UUID }) =>
      lambda.send(new UpdateEventSourceMappingCommand({ UUID, BatchSize: 1 })),
    ),
    ...mapping("DeleteEventSourceMapping", (lambda, { UUID }) =>
      lambda.send(new DeleteEventSourceMappingCommand({ UUID })),
    ),
    ...onAll("ListEventSourceMappings", (lambda) => lambda.send(new ListEventSourceMappingsCommand({}))),

    ...layer("PublishLayerVersion", "", (lambda, { LayerName }) =>
      lambda.send(new PublishLayerVersionCommand({ LayerName, Content: { ZipFile: CODE } })),
    ),
    ...layer("GetLayerVersion", ":1", (lambda, { LayerName }) =>
      lambda.send(new GetLayerVersionCommand({ LayerName, VersionNumber: 1 })),
    ),
    GetLayerVersionByArn: {
      call: (lambda, { LayerName }) =>
        lambda.send(new GetLayerVersionByArnCommand({ Arn: `${ACCOUNT}:layer:${LayerName}:1` })),
      allow: ({ LayerName }) => [allowing("GetLayerVersion", `${ACCOUNT}:layer:${LayerName}:1`)],
    },
    ...layer("DeleteLayerVersion", ":1", (lambda, { LayerName }) =>
      lambda.send(new DeleteLayerVersionCommand({ LayerName, VersionNumber: 1 })),
    ),
    ...onAll("ListLayerVersions", (lambda, { LayerName }) =>
      lambda.send(new ListLayerVersionsCommand({ LayerName })),
    ),
    ...onAll("ListLayers", (lambda) => lambda.send(new ListLayersCommand({}))),
  },
});
