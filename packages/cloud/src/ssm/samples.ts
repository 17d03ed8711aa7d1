/** Sample calls of Systems Manager's operations. */
import * as sdk from "@aws-sdk/client-ssm";
import { sampleCalls } from "../samples.ts";

interface Fixture {
  readonly name: string;
  readonly unique: string;
}

const arnOf = (name: string) => `arn:aws:ssm:us-east-1:000000000000:parameter${name}`;
const on = (action: string) => ({
  allow: ({ name }: Fixture) => [
    { Effect: "Allow" as const, Action: `ssm:${action}`, Resource: arnOf(name) },
  ],
});

export const samples = sampleCalls<sdk.SSMClient, Fixture>({
  service: "ssm",
  client: (test, credentials) => test.client(sdk.SSMClient, credentials),
  async prepare(test, unique) {
    const name = `/${unique}/main`;
    await test
      .client(sdk.SSMClient)
      .send(new sdk.PutParameterCommand({ Name: name, Value: "1", Type: "String" }));
    return { name, unique };
  },
  calls: {
    PutParameter: {
      call: (ssm, { unique }) =>
        ssm.send(
          new sdk.PutParameterCommand({
            Name: `/${unique}/new`,
            Value: "1",
            Type: "SecureString",
            Tags: [{ Key: "a", Value: "b" }],
          }),
        ),
      allow: ({ unique }) =>
        ["ssm:PutParameter", "ssm:AddTagsToResource"].map((Action) => ({
          Effect: "Allow",
          Action,
          Resource: arnOf(`/${unique}/new`),
        })),
    },
    GetParameter: {
      call: (ssm, { name }) => ssm.send(new sdk.GetParameterCommand({ Name: name })),
      ...on("GetParameter"),
    },
    GetParameters: {
      call: (ssm, { name }) => ssm.send(new sdk.GetParametersCommand({ Names: [name] })),
      ...on("GetParameters"),
    },
    GetParametersByPath: {
      call: (ssm, { unique }) => ssm.send(new sdk.GetParametersByPathCommand({ Path: `/${unique}` })),
      allow: ({ unique }) => [
        { Effect: "Allow", Action: "ssm:GetParametersByPath", Resource: arnOf(`/${unique}`) },
      ],
    },
    GetParameterHistory: {
      call: (ssm, { name }) => ssm.send(new sdk.GetParameterHistoryCommand({ Name: name })),
      ...on("GetParameterHistory"),
    },
    DescribeParameters: {
      call: (ssm) => ssm.send(new sdk.DescribeParametersCommand({})),
      allow: () => [{ Effect: "Allow", Action: "ssm:DescribeParameters", Resource: "*" }],
    },
    DeleteParameter: {
      call: (ssm, { name }) => ssm.send(new sdk.DeleteParameterCommand({ Name: name })),
      ...on("DeleteParameter"),
    },
    DeleteParameters: {
      call: (ssm, { name }) => ssm.send(new sdk.DeleteParametersCommand({ Names: [name] })),
      ...on("DeleteParameters"),
    },
    AddTagsToResource: {
      call: (ssm, { name }) =>
        ssm.send(
          new sdk.AddTagsToResourceCommand({
            ResourceType: "Parameter",
            ResourceId: name,
            Tags: [{ Key: "a", Value: "b" }],
          }),
        ),
      ...on("AddTagsToResource"),
    },
    RemoveTagsFromResource: {
      call: (ssm, { name }) =>
        ssm.send(
          new sdk.RemoveTagsFromResourceCommand({
            ResourceType: "Parameter",
            ResourceId: name,
            TagKeys: ["a"],
          }),
        ),
      ...on("RemoveTagsFromResource"),
    },
    ListTagsForResource: {
      call: (ssm, { name }) =>
        ssm.send(new sdk.ListTagsForResourceCommand({ ResourceType: "Parameter", ResourceId: name })),
      ...on("ListTagsForResource"),
    },
  },
});
