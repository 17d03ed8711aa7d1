/** Every operation of the local cloud is somebody's: of an access level, or of whoever runs the account. */
import { describe, expect, test } from "vitest";
import { samples as dynamodb } from "../../../cloud/src/dynamodb/samples.ts";
import { samples as events } from "../../../cloud/src/events/samples.ts";
import { samples as kinesis } from "../../../cloud/src/kinesis/samples.ts";
import { samples as lambda } from "../../../cloud/src/lambda/samples.ts";
import { samples as s3 } from "../../../cloud/src/s3/samples.ts";
import type { Samples } from "../../../cloud/src/samples.ts";
import { samples as sns } from "../../../cloud/src/sns/samples.ts";
import { samples as sqs } from "../../../cloud/src/sqs/samples.ts";
import { type AccessProfile, levelAllowing, profiles } from "./access.ts";

/** What no level gives: making, changing, inspecting and removing resources, and what spans the account. */
const administrative: Readonly<Record<string, string>> = {
  s3: `
    CreateBucket DeleteBucket DeleteBucketPolicy DeleteBucketWebsite GetAccelerateConfiguration GetBucketAcl
    GetBucketCORS GetBucketLogging GetBucketNotification GetBucketObjectLockConfiguration GetBucketOwnershipControls
    GetBucketPolicy GetBucketPolicyStatus GetBucketPublicAccessBlock GetBucketRequestPayment GetBucketTagging
    GetBucketVersioning GetBucketWebsite GetEncryptionConfiguration GetLifecycleConfiguration GetObjectAcl
    GetObjectLegalHold GetObjectRetention GetReplicationConfiguration ListAllMyBuckets PutAccelerateConfiguration
    PutBucketAcl PutBucketCORS PutBucketLogging PutBucketNotification PutBucketOwnershipControls PutBucketPolicy
    PutBucketPublicAccessBlock PutBucketRequestPayment PutBucketTagging PutBucketVersioning PutBucketWebsite
    PutEncryptionConfiguration PutLifecycleConfiguration PutObjectAcl`,
  // PartiQL is the one way to the data that links do not give unasked: the local cloud does not speak it.
  dynamodb: `
    CreateBackup CreateTable DeleteResourcePolicy DeleteTable DescribeContinuousBackups DescribeContributorInsights
    DescribeEndpoints DescribeKinesisStreamingDestination DescribeLimits DescribeTimeToLive GetResourcePolicy
    ListBackups ListStreams ListTables ListTagsOfResource PartiQLSelect PutResourcePolicy RestoreTableFromBackup
    RestoreTableToPointInTime TagResource UntagResource UpdateContinuousBackups UpdateTable UpdateTimeToLive`,
  sqs: `
    AddPermission CancelMessageMoveTask CreateQueue DeleteQueue ListDeadLetterSourceQueues ListMessageMoveTasks
    ListQueueTags ListQueues PurgeQueue RemovePermission SetQueueAttributes StartMessageMoveTask TagQueue UntagQueue`,
  sns: `
    AddPermission ConfirmSubscription CreateTopic DeleteTopic GetSubscriptionAttributes GetTopicAttributes
    ListSubscriptions ListSubscriptionsByTopic ListTagsForResource ListTopics RemovePermission
    SetSubscriptionAttributes SetTopicAttributes Subscribe TagResource Unsubscribe UntagResource`,
  lambda: `
    AddPermission CreateAlias CreateEventSourceMapping CreateFunction CreateFunctionUrlConfig DeleteAlias
    DeleteEventSourceMapping DeleteFunction DeleteFunctionConcurrency DeleteFunctionEventInvokeConfig
    DeleteFunctionUrlConfig DeleteLayerVersion GetAccountSettings GetAlias GetEventSourceMapping GetFunction
    GetFunctionCodeSigningConfig GetFunctionConcurrency GetFunctionConfiguration GetFunctionEventInvokeConfig
    GetFunctionRecursionConfig GetFunctionUrlConfig GetLayerVersion GetPolicy GetProvisionedConcurrencyConfig
    GetRuntimeManagementConfig ListAliases ListEventSourceMappings
    ListFunctionEventInvokeConfigs ListFunctionUrlConfigs ListFunctions ListLayerVersions ListLayers
    ListProvisionedConcurrencyConfigs ListTags
    ListVersionsByFunction PublishLayerVersion PublishVersion PutFunctionConcurrency PutFunctionEventInvokeConfig
    RemovePermission TagResource UntagResource UpdateAlias UpdateEventSourceMapping UpdateFunctionCode
    UpdateFunctionConfiguration UpdateFunctionEventInvokeConfig UpdateFunctionUrlConfig`,
  kinesis: `
    AddTagsToStream CreateStream DecreaseStreamRetentionPeriod DeleteResourcePolicy DeleteStream
    DeregisterStreamConsumer DescribeLimits DescribeStreamConsumer DisableEnhancedMonitoring EnableEnhancedMonitoring
    GetResourcePolicy IncreaseStreamRetentionPeriod ListStreamConsumers ListStreams ListTagsForResource
    ListTagsForStream MergeShards PutResourcePolicy RegisterStreamConsumer RemoveTagsFromStream SplitShard
    StartStreamEncryption StopStreamEncryption SubscribeToShard TagResource UntagResource UpdateShardCount UpdateStreamMode`,
  events: `
    CreateEventBus DeleteEventBus DeleteRule DescribeEventBus DescribeRule DisableRule EnableRule ListEventBuses
    ListRuleNamesByTarget ListRules ListTagsForResource ListTargetsByRule PutPermission PutRule PutTargets
    RemovePermission RemoveTargets TagResource TestEventPattern UntagResource UpdateEventBus`,
};

/** The actions of an operation, as its sample says for any fixture; those of other services are not its own. */
function actionsOf(service: Samples, operation: string): string[] {
  const anything = new Proxy({}, { get: (_, name) => String(name) });
  return service
    .allow(operation, anything)
    .flatMap(({ Action = [] }) => Action)
    .filter((action) => action.startsWith(`${service.service}:`));
}

const granted = new Set(
  Object.values<AccessProfile>(profiles).flatMap(({ levels }) =>
    Object.values(levels).flatMap((grants) => grants.flatMap(({ actions }) => actions)),
  ),
);

describe.each(
  [s3, dynamodb, sqs, sns, lambda, events, kinesis].map((service) => [service.service, service] as const),
)("%s", (name, service) => {
  const asked = new Set(service.operations.flatMap((operation) => actionsOf(service, operation)));
  const reserved = (administrative[name] ?? "")
    .trim()
    .split(/\s+/)
    .map((action) => `${name}:${action}`);

  test("every action the cloud asks for is in a level or administrative, never in both", () => {
    const nowhere = [...asked].filter((action) => !granted.has(action) && !reserved.includes(action));
    const both = reserved.filter((action) => granted.has(action));
    const stale = reserved.filter((action) => !asked.has(action));
    expect({ nowhere, both, stale }).toEqual({ nowhere: [], both: [], stale: [] });
  });
});

test("the hint after a denial names the smallest level that allows the action", () => {
  expect(levelAllowing("bowline:aws:Bucket", "s3:PutObject")).toBe("write");
  expect(levelAllowing("bowline:aws:Bucket", "s3:GetBucketLocation")).toBe("read");
  expect(levelAllowing("bowline:aws:Dynamo", "dynamodb:GetRecords")).toBe("stream");
  expect(levelAllowing("bowline:aws:Dynamo", "dynamodb:DeleteTable")).toBeUndefined();
  expect(levelAllowing("bowline:index:Secret", "s3:PutObject")).toBeUndefined();
});

test.each(Object.entries<AccessProfile>(profiles))("the table of %s is in order", (_type, profile) => {
  for (const level of profile.default) expect(Object.keys(profile.levels)).toContain(level);
  for (const grants of Object.values(profile.levels)) {
    for (const { actions } of grants) expect(actions).toEqual([...new Set(actions)].sort());
  }
});
