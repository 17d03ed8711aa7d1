/** The AWS-managed policies that functions' roles commonly use, as data. */
import type { ManagedPolicy } from "./entities.ts";

const logs = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"];
const sqsPoll = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];
const streamPoll = [
  "dynamodb:DescribeStream",
  "dynamodb:GetRecords",
  "dynamodb:GetShardIterator",
  "dynamodb:ListStreams",
];
const kinesisPoll = [
  "kinesis:DescribeStream",
  "kinesis:DescribeStreamSummary",
  "kinesis:GetRecords",
  "kinesis:GetShardIterator",
  "kinesis:ListShards",
  "kinesis:ListStreams",
  "kinesis:SubscribeToShard",
];
const vpc = [
  "ec2:CreateNetworkInterface",
  "ec2:DescribeNetworkInterfaces",
  "ec2:DescribeSubnets",
  "ec2:DeleteNetworkInterface",
  "ec2:AssignPrivateIpAddresses",
  "ec2:UnassignPrivateIpAddresses",
];
const tracing = [
  "xray:PutTraceSegments",
  "xray:PutTelemetryRecords",
  "xray:GetSamplingRules",
  "xray:GetSamplingTargets",
  "xray:GetSamplingStatisticSummaries",
];

/** Path and name, then the actions allowed on every resource. */
const table: readonly (readonly [string, readonly string[]])[] = [
  ["/service-role/AWSLambdaBasicExecutionRole", logs],
  ["/service-role/AWSLambdaSQSQueueExecutionRole", [...sqsPoll, ...logs]],
  ["/service-role/AWSLambdaDynamoDBExecutionRole", [...streamPoll, ...logs]],
  ["/service-role/AWSLambdaKinesisExecutionRole", [...kinesisPoll, ...logs]],
  ["/service-role/AWSLambdaVPCAccessExecutionRole", [...logs, ...vpc]],
  ["/service-role/AWSLambdaRole", ["lambda:InvokeFunction"]],
  [
    "/service-role/AmazonAPIGatewayPushToCloudWatchLogs",
    [
      "logs:CreateLogGroup",
      "logs:CreateLogStream",
      "logs:DescribeLogGroups",
      "logs:DescribeLogStreams",
      "logs:PutLogEvents",
      "logs:GetLogEvents",
      "logs:FilterLogEvents",
    ],
  ],
  ["/AWSLambdaExecute", ["logs:*", "s3:GetObject", "s3:PutObject"]],
  ["/AWSXRayDaemonWriteAccess", tracing],
  ["/AWSXrayWriteOnlyAccess", tracing],
  ["/AdministratorAccess", ["*"]],
  ["/AmazonS3FullAccess", ["s3:*", "s3-object-lambda:*"]],
  ["/AmazonS3ReadOnlyAccess", ["s3:Get*", "s3:List*", "s3:Describe*"]],
  ["/AmazonDynamoDBFullAccess", ["dynamodb:*"]],
  [
    "/AmazonDynamoDBReadOnlyAccess",
    [
      "dynamodb:BatchGetItem",
      "dynamodb:Describe*",
      "dynamodb:List*",
      "dynamodb:GetItem",
      "dynamodb:Query",
      "dynamodb:Scan",
      "dynamodb:PartiQLSelect",
    ],
  ],
  ["/AmazonSQSFullAccess", ["sqs:*"]],
  ["/AmazonSNSFullAccess", ["sns:*"]],
  ["/AWSLambda_FullAccess", ["lambda:*", "iam:GetRole", "iam:ListRoles", "iam:PassRole", "logs:*"]],
  ["/AmazonEventBridgeFullAccess", ["events:*", "schemas:*", "scheduler:*"]],
  ["/AmazonSSMReadOnlyAccess", ["ssm:Describe*", "ssm:Get*", "ssm:List*"]],
  ["/CloudWatchLogsFullAccess", ["logs:*"]],
];

export function managedPolicies(): readonly ManagedPolicy[] {
  const created = Date.UTC(2015, 3, 9);
  return table.map(([fullName, actions]) => {
    const slash = fullName.lastIndexOf("/");
    const name = fullName.slice(slash + 1);
    const document = {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: actions, Resource: "*" }],
    };
    return {
      name,
      path: fullName.slice(0, slash + 1),
      id: `ANPA${name
        .toUpperCase()
        .replace(/[^A-Z0-9]/g, "")
        .padEnd(17, "A")
        .slice(0, 17)}`,
      arn: `arn:aws:iam::aws:policy${fullName}`,
      created,
      updated: created,
      defaultVersion: "v1",
      versions: [{ id: "v1", document: JSON.stringify(document), created }],
      nextVersion: 2,
      tags: [],
    };
  });
}
