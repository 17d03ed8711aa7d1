/**
 * What each access level of each component allows: one table, so that a policy, the words of a diff and the hint after
 * a denial all speak of the same thing.
 */

/** Which ARNs an action is granted on, from the resource's own ARN. */
export type Target = "self" | "contents" | "indexes" | "stream";

export interface Grant {
  readonly actions: readonly string[];
  readonly on: readonly Target[];
}

export interface AccessProfile {
  readonly levels: Readonly<Record<string, readonly Grant[]>>;
  /** What `.link()` without arguments gives. */
  readonly default: readonly string[];
  /** What SST grants: `access: "full"`. */
  readonly full: readonly Grant[];
}

const bucket = {
  levels: {
    read: [
      { actions: ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketVersions"], on: ["self"] },
      {
        actions: [
          "s3:GetObject",
          "s3:GetObjectAttributes",
          "s3:GetObjectTagging",
          "s3:GetObjectVersion",
          "s3:GetObjectVersionTagging",
        ],
        on: ["contents"],
      },
    ],
    write: [
      { actions: ["s3:GetBucketLocation", "s3:ListBucketMultipartUploads"], on: ["self"] },
      {
        actions: [
          "s3:AbortMultipartUpload",
          "s3:DeleteObject",
          "s3:DeleteObjectTagging",
          "s3:DeleteObjectVersion",
          "s3:ListMultipartUploadParts",
          "s3:PutObject",
          "s3:PutObjectTagging",
        ],
        on: ["contents"],
      },
    ],
  },
  default: ["read", "write"],
  full: [{ actions: ["s3:*"], on: ["self", "contents"] }],
} as const satisfies AccessProfile;

const dynamo = {
  levels: {
    read: [
      {
        actions: [
          "dynamodb:BatchGetItem",
          "dynamodb:ConditionCheckItem",
          "dynamodb:DescribeTable",
          "dynamodb:GetItem",
        ],
        on: ["self"],
      },
      { actions: ["dynamodb:Query", "dynamodb:Scan"], on: ["self", "indexes"] },
    ],
    write: [
      {
        actions: [
          "dynamodb:BatchWriteItem",
          "dynamodb:ConditionCheckItem",
          "dynamodb:DeleteItem",
          "dynamodb:DescribeTable",
          "dynamodb:PutItem",
          "dynamodb:UpdateItem",
        ],
        on: ["self"],
      },
    ],
    // The table says which its stream is. ListStreams would not: IAM knows it for the account only, never for a stream.
    stream: [
      { actions: ["dynamodb:DescribeTable"], on: ["self"] },
      {
        actions: ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"],
        on: ["stream"],
      },
    ],
  },
  default: ["read", "write"],
  full: [{ actions: ["dynamodb:*"], on: ["self", "contents"] }],
} as const satisfies AccessProfile;

const queue = {
  levels: {
    send: [{ actions: ["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:SendMessage"], on: ["self"] }],
    consume: [
      {
        actions: [
          "sqs:ChangeMessageVisibility",
          "sqs:DeleteMessage",
          "sqs:GetQueueAttributes",
          "sqs:GetQueueUrl",
          "sqs:ReceiveMessage",
        ],
        on: ["self"],
      },
    ],
  },
  default: ["send"],
  full: [{ actions: ["sqs:*"], on: ["self"] }],
} as const satisfies AccessProfile;

const topic = {
  levels: { publish: [{ actions: ["sns:Publish"], on: ["self"] }] },
  default: ["publish"],
  full: [{ actions: ["sns:*"], on: ["self"] }],
} as const satisfies AccessProfile;

// A link of a function gives its URL, and calling one that wants credentials takes both actions.
const invoke = [{ actions: ["lambda:InvokeFunction", "lambda:InvokeFunctionUrl"], on: ["self"] }] as const;

const lambda = {
  levels: { invoke },
  default: ["invoke"],
  full: invoke,
} as const satisfies AccessProfile;

const bus = {
  levels: { publish: [{ actions: ["events:PutEvents"], on: ["self"] }] },
  default: ["publish"],
  full: [{ actions: ["events:*"], on: ["self"] }],
} as const satisfies AccessProfile;

const stream = {
  levels: {
    write: [
      { actions: ["kinesis:DescribeStreamSummary", "kinesis:PutRecord", "kinesis:PutRecords"], on: ["self"] },
    ],
    read: [
      {
        actions: [
          "kinesis:DescribeStream",
          "kinesis:DescribeStreamSummary",
          "kinesis:GetRecords",
          "kinesis:GetShardIterator",
          "kinesis:ListShards",
        ],
        on: ["self"],
      },
    ],
  },
  default: ["write"],
  full: [{ actions: ["kinesis:*"], on: ["self"] }],
} as const satisfies AccessProfile;

/** By the type a component's link carries. */
export const profiles = {
  "bowline:aws:Bucket": bucket,
  "bowline:aws:Dynamo": dynamo,
  "bowline:aws:Queue": queue,
  "bowline:aws:SnsTopic": topic,
  "bowline:aws:Function": lambda,
  "bowline:aws:Bus": bus,
  "bowline:aws:KinesisStream": stream,
} as const;

export type ProfiledType = keyof typeof profiles;
/** The level names of a component, for its `link(...)` method. */
export type AccessLevel<T extends ProfiledType> = Extract<keyof (typeof profiles)[T]["levels"], string>;

const SUFFIX: Readonly<Record<Target, string>> = {
  self: "",
  contents: "/*",
  indexes: "/index/*",
  stream: "/stream/*",
};

/** The ARNs of a target. */
export function targetArn(arn: string, target: Target): string {
  return arn + SUFFIX[target];
}

/** The smallest level of a component that would allow an action, for the hint after a denial. */
export function levelAllowing(type: string, action: string): string | undefined {
  const profile: AccessProfile | undefined = profiles[type as ProfiledType];
  if (!profile) return undefined;
  return Object.entries(profile.levels)
    .filter(([, grants]) => grants.some((grant) => grant.actions.includes(action)))
    .map(([level]) => level)
    .toSorted((a, b) => weight(profile, a) - weight(profile, b))[0];
}

function weight(profile: AccessProfile, level: string): number {
  return (profile.levels[level] ?? []).reduce((sum, grant) => sum + grant.actions.length, 0);
}
