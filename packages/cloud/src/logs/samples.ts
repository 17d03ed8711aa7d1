/** Sample calls of CloudWatch Logs' operations. */
import * as sdk from "@aws-sdk/client-cloudwatch-logs";
import { sampleCalls } from "../samples.ts";

interface Fixture {
  readonly group: string;
  readonly arn: string;
  readonly unique: string;
}

const arnOf = (group: string) => `arn:aws:logs:us-east-1:000000000000:log-group:${group}`;

function on(action: string, suffix = ":*") {
  return {
    allow: ({ arn }: Fixture) => [
      { Effect: "Allow" as const, Action: `logs:${action}`, Resource: `${arn}${suffix}` },
    ],
  };
}

export const samples = sampleCalls<sdk.CloudWatchLogsClient, Fixture>({
  service: "logs",
  client: (test, credentials) => test.client(sdk.CloudWatchLogsClient, credentials),
  async prepare(test, unique) {
    const group = `/sample/${unique}`;
    const logs = test.client(sdk.CloudWatchLogsClient);
    await logs.send(new sdk.CreateLogGroupCommand({ logGroupName: group }));
    await logs.send(new sdk.CreateLogStreamCommand({ logGroupName: group, logStreamName: "main" }));
    return { group, arn: arnOf(group), unique };
  },
  calls: {
    CreateLogGroup: {
      call: (logs, { unique }) =>
        logs.send(new sdk.CreateLogGroupCommand({ logGroupName: `/new/${unique}`, tags: { a: "b" } })),
      allow: ({ unique }) =>
        ["logs:CreateLogGroup", "logs:TagResource"].map((Action) => ({
          Effect: "Allow",
          Action,
          Resource: `${arnOf(`/new/${unique}`)}:*`,
        })),
    },
    DeleteLogGroup: {
      call: (logs, { group }) => logs.send(new sdk.DeleteLogGroupCommand({ logGroupName: group })),
      ...on("DeleteLogGroup"),
    },
    DescribeLogGroups: {
      call: (logs) => logs.send(new sdk.DescribeLogGroupsCommand({})),
      allow: () => [{ Effect: "Allow", Action: "logs:DescribeLogGroups", Resource: "*" }],
    },
    PutRetentionPolicy: {
      call: (logs, { group }) =>
        logs.send(new sdk.PutRetentionPolicyCommand({ logGroupName: group, retentionInDays: 7 })),
      ...on("PutRetentionPolicy"),
    },
    DeleteRetentionPolicy: {
      call: (logs, { group }) => logs.send(new sdk.DeleteRetentionPolicyCommand({ logGroupName: group })),
      ...on("DeleteRetentionPolicy"),
    },
    TagResource: {
      call: (logs, { arn }) => logs.send(new sdk.TagResourceCommand({ resourceArn: arn, tags: { a: "b" } })),
      ...on("TagResource", ""),
    },
    UntagResource: {
      call: (logs, { arn }) => logs.send(new sdk.UntagResourceCommand({ resourceArn: arn, tagKeys: ["a"] })),
      ...on("UntagResource", ""),
    },
    ListTagsForResource: {
      call: (logs, { arn }) => logs.send(new sdk.ListTagsForResourceCommand({ resourceArn: arn })),
      ...on("ListTagsForResource", ""),
    },
    TagLogGroup: {
      call: (logs, { group }) =>
        logs.send(new sdk.TagLogGroupCommand({ logGroupName: group, tags: { a: "b" } })),
      ...on("TagLogGroup"),
    },
    UntagLogGroup: {
      call: (logs, { group }) =>
        logs.send(new sdk.UntagLogGroupCommand({ logGroupName: group, tags: ["a"] })),
      ...on("UntagLogGroup"),
    },
    ListTagsLogGroup: {
      call: (logs, { group }) => logs.send(new sdk.ListTagsLogGroupCommand({ logGroupName: group })),
      ...on("ListTagsLogGroup"),
    },
    CreateLogStream: {
      call: (logs, { group }) =>
        logs.send(new sdk.CreateLogStreamCommand({ logGroupName: group, logStreamName: "new" })),
      ...on("CreateLogStream", ":log-stream:new"),
    },
    DeleteLogStream: {
      call: (logs, { group }) =>
        logs.send(new sdk.DeleteLogStreamCommand({ logGroupName: group, logStreamName: "main" })),
      ...on("DeleteLogStream", ":log-stream:main"),
    },
    DescribeLogStreams: {
      call: (logs, { group }) => logs.send(new sdk.DescribeLogStreamsCommand({ logGroupName: group })),
      ...on("DescribeLogStreams"),
    },
    PutLogEvents: {
      call: (logs, { group }) =>
        logs.send(
          new sdk.PutLogEventsCommand({
            logGroupName: group,
            logStreamName: "main",
            logEvents: [{ timestamp: Date.now(), message: "hello" }],
          }),
        ),
      ...on("PutLogEvents", ":log-stream:main"),
    },
    GetLogEvents: {
      call: (logs, { group }) =>
        logs.send(new sdk.GetLogEventsCommand({ logGroupName: group, logStreamName: "main" })),
      ...on("GetLogEvents", ":log-stream:main"),
    },
    FilterLogEvents: {
      call: (logs, { group }) => logs.send(new sdk.FilterLogEventsCommand({ logGroupName: group })),
      ...on("FilterLogEvents"),
    },
  },
});
