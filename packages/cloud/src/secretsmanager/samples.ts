/** Sample calls of Secrets Manager's operations. */
import * as sdk from "@aws-sdk/client-secrets-manager";
import { sampleCalls } from "../samples.ts";

interface Fixture {
  readonly root: sdk.SecretsManagerClient;
  readonly unique: string;
  readonly arn: string;
}

const account = "arn:aws:secretsmanager:us-east-1:000000000000";
const functionArn = "arn:aws:lambda:us-east-1:000000000000:function:rotate";
const statement = (action: string, Resource: string) => ({
  Effect: "Allow" as const,
  Action: action.includes(":") ? action : `secretsmanager:${action}`,
  Resource,
});
const on = (action: string) => ({ allow: ({ arn }: Fixture) => [statement(action, arn)] });
const anywhere = (action: string) => ({ allow: () => [statement(action, "*")] });
const ResourcePolicy = JSON.stringify({
  Version: "2012-10-17",
  Statement: {
    Effect: "Allow",
    Principal: { AWS: "arn:aws:iam::000000000000:role/Reader" },
    Action: "secretsmanager:GetSecretValue",
    Resource: "*",
  },
});

export const samples = sampleCalls<sdk.SecretsManagerClient, Fixture>({
  service: "secretsmanager",
  client: (test, credentials) => test.client(sdk.SecretsManagerClient, credentials),
  async prepare(test, unique) {
    const root = test.client(sdk.SecretsManagerClient);
    const { ARN: arn = "" } = await root.send(
      new sdk.CreateSecretCommand({ Name: `${unique}/main`, SecretString: "one" }),
    );
    return { root, unique, arn };
  },
  calls: {
    CreateSecret: {
      call: (secrets, { unique }) =>
        secrets.send(
          new sdk.CreateSecretCommand({
            Name: `${unique}/new`,
            SecretString: "one",
            Tags: [{ Key: "a", Value: "b" }],
          }),
        ),
      allow: ({ unique }) =>
        ["CreateSecret", "TagResource"].map((action) =>
          statement(action, `${account}:secret:${unique}/new-??????`),
        ),
    },
    DescribeSecret: {
      call: (secrets, { unique }) =>
        secrets.send(new sdk.DescribeSecretCommand({ SecretId: `${unique}/main` })),
      ...on("DescribeSecret"),
    },
    UpdateSecret: {
      call: (secrets, { arn }) =>
        secrets.send(new sdk.UpdateSecretCommand({ SecretId: arn, SecretString: "two" })),
      ...on("UpdateSecret"),
    },
    DeleteSecret: {
      call: (secrets, { arn }) => secrets.send(new sdk.DeleteSecretCommand({ SecretId: arn })),
      ...on("DeleteSecret"),
    },
    RestoreSecret: {
      call: (secrets, { arn }) => secrets.send(new sdk.RestoreSecretCommand({ SecretId: arn })),
      ...on("RestoreSecret"),
    },
    ListSecrets: {
      call: (secrets) => secrets.send(new sdk.ListSecretsCommand({})),
      ...anywhere("ListSecrets"),
    },
    TagResource: {
      call: (secrets, { arn }) =>
        secrets.send(new sdk.TagResourceCommand({ SecretId: arn, Tags: [{ Key: "a", Value: "b" }] })),
      ...on("TagResource"),
    },
    UntagResource: {
      call: (secrets, { arn }) =>
        secrets.send(new sdk.UntagResourceCommand({ SecretId: arn, TagKeys: ["a"] })),
      ...on("UntagResource"),
    },
    GetRandomPassword: {
      call: (secrets) => secrets.send(new sdk.GetRandomPasswordCommand({})),
      ...anywhere("GetRandomPassword"),
    },
    GetSecretValue: {
      call: (secrets, { unique }) =>
        secrets.send(new sdk.GetSecretValueCommand({ SecretId: `${unique}/main` })),
      ...on("GetSecretValue"),
    },
    BatchGetSecretValue: {
      call: (secrets, { arn }) => secrets.send(new sdk.BatchGetSecretValueCommand({ SecretIdList: [arn] })),
      denied: (answer) =>
        (answer as sdk.BatchGetSecretValueCommandOutput).Errors?.[0]?.ErrorCode === "AccessDeniedException",
      allow: ({ arn }) => [statement("BatchGetSecretValue", "*"), statement("GetSecretValue", arn)],
    },
    PutSecretValue: {
      call: (secrets, { arn }) =>
        secrets.send(new sdk.PutSecretValueCommand({ SecretId: arn, SecretString: "two" })),
      ...on("PutSecretValue"),
    },
    UpdateSecretVersionStage: {
      async call(secrets, { root, arn }) {
        const { VersionId } = await root.send(new sdk.GetSecretValueCommand({ SecretId: arn }));
        const input = { SecretId: arn, VersionStage: "MINE", MoveToVersionId: VersionId };
        return secrets.send(new sdk.UpdateSecretVersionStageCommand(input));
      },
      ...on("UpdateSecretVersionStage"),
    },
    ListSecretVersionIds: {
      call: (secrets, { arn }) => secrets.send(new sdk.ListSecretVersionIdsCommand({ SecretId: arn })),
      ...on("ListSecretVersionIds"),
    },
    GetResourcePolicy: {
      call: (secrets, { arn }) => secrets.send(new sdk.GetResourcePolicyCommand({ SecretId: arn })),
      ...on("GetResourcePolicy"),
    },
    PutResourcePolicy: {
      call: (secrets, { arn }) =>
        secrets.send(new sdk.PutResourcePolicyCommand({ SecretId: arn, ResourcePolicy })),
      ...on("PutResourcePolicy"),
    },
    DeleteResourcePolicy: {
      call: (secrets, { arn }) => secrets.send(new sdk.DeleteResourcePolicyCommand({ SecretId: arn })),
      ...on("DeleteResourcePolicy"),
    },
    ValidateResourcePolicy: {
      call: (secrets, { arn }) =>
        secrets.send(new sdk.ValidateResourcePolicyCommand({ SecretId: arn, ResourcePolicy })),
      ...on("ValidateResourcePolicy"),
    },
    RotateSecret: {
      call: (secrets, { arn }) =>
        secrets.send(
          new sdk.RotateSecretCommand({
            SecretId: arn,
            RotationLambdaARN: functionArn,
            RotateImmediately: false,
          }),
        ),
      allow: ({ arn }) => [statement("RotateSecret", arn), statement("lambda:InvokeFunction", functionArn)],
    },
    CancelRotateSecret: {
      call: (secrets, { arn }) => secrets.send(new sdk.CancelRotateSecretCommand({ SecretId: arn })),
      ...on("CancelRotateSecret"),
    },
  },
});
