import type { ResourceContext, ResourceHandler } from "@bowline/engine";
import type { BucketArgs, BucketState } from "@pulumi/aws/s3/bucket.js";
import { BowlineError } from "../../error.ts";
import { type Aws, allTags, jsonText } from "../aws.ts";
import { hasCode } from "../client.ts";
import type { Inputs, Outputs } from "../plain.ts";
import { type Creation, type Definition, mayAdopt, resource } from "../resource.ts";
import { toXml } from "../xml.ts";
import { emptyBucket } from "./empty.ts";
import { type LifecycleRule, putLifecycle } from "./lifecycle.ts";
import { hostedZoneOf } from "./regions.ts";
import { bucketPath, putCors, putEncryption, putPolicy, putTags, putVersioning } from "./settings.ts";

type BucketInputs = Inputs<BucketArgs>;

export function bucket(aws: Aws): ResourceHandler {
  return resource(aws.endpoint, bucketDefinition(aws));
}

export function bucketDefinition(aws: Aws): Definition<BucketArgs, BucketState> {
  return {
    autoName: {
      property: "bucket",
      prefixProperty: "bucketPrefix",
      maxLength: 63,
      lowerCase: true,
      forbidden: /[^A-Za-z0-9-]/g,
    },
    replaceOn: ["bucket", "bucketPrefix", "bucketNamespace", "objectLockEnabled", "region"],
    recorded: [
      "accelerationStatus",
      "grants",
      "logging",
      "objectLockConfiguration",
      "replicationConfiguration",
      "requestPayer",
      "website",
    ],
    complete: (inputs) =>
      inputs.policy === undefined ? inputs : { ...inputs, policy: jsonText(inputs.policy) },
    find: (inputs) => inputs.bucket,
    async create(inputs, context) {
      const name = String(inputs.bucket);
      await createBucket(aws, name, context);
      await applySettings(aws, name, inputs, undefined, context);
      return name;
    },
    async describe(id, inputs, context) {
      await aws.client.s3("HeadBucket", "HEAD", bucketPath(id));
      return outputsOf(aws, { ...inputs, bucket: id }, context);
    },
    update: (id, inputs, old, context) => applySettings(aws, id, inputs, old.inputs, context),
    async delete(id, old) {
      if (old.inputs.forceDestroy) await emptyBucket(aws.client, id);
      await deleteBucket(aws, id);
    },
    predict: (inputs, context) => outputsOf(aws, inputs, context),
  };
}

async function createBucket(aws: Aws, name: string, context: Creation): Promise<void> {
  const body =
    aws.region === "us-east-1"
      ? undefined
      : toXml({ CreateBucketConfiguration: { LocationConstraint: aws.region } });
  try {
    await aws.client.s3("CreateBucket", "PUT", bucketPath(name), { body });
  } catch (error) {
    // Under a generated name it can only be an earlier attempt of ours that was cut short.
    if (!hasCode(error, "BucketAlreadyOwnedByYou") || !mayAdopt(name, context)) throw error;
  }
}

/** Brings the bucket's settings to what the inputs say, touching only those that differ. */
async function applySettings(
  aws: Aws,
  name: string,
  inputs: BucketInputs,
  old: BucketInputs | undefined,
  context: ResourceContext,
): Promise<void> {
  const { client } = aws;
  const changed = <T>(read: (from: BucketInputs) => T): T | undefined => {
    const value = read(inputs);
    return JSON.stringify(value) === JSON.stringify(old && read(old)) ? undefined : value;
  };
  if (inputs.acl !== undefined && inputs.acl !== "private") {
    context.log(
      "warning",
      `${context.name}: acl "${inputs.acl}" has no effect on the local cloud; use a bucket policy.`,
    );
  }
  const tags = changed((from) => allTags(from.tags, context));
  if (tags && (old || Object.keys(tags).length > 0)) await putTags(client, name, tags);

  const enabled = changed((from) => from.versioning?.enabled ?? false);
  if (enabled !== undefined && (enabled || old?.versioning?.enabled)) {
    await putVersioning(client, name, enabled ? "Enabled" : "Suspended");
  }
  const cors = changed((from) => from.corsRules ?? []);
  if (cors && (old || cors.length > 0)) await putCors(client, name, cors);

  const encryption = changed((from) => encryptionOf(from));
  if (encryption && (old || encryption.length > 0)) await putEncryption(client, name, encryption);

  const lifecycle = changed((from) => (from.lifecycleRules ?? []).map(lifecycleRuleOf));
  if (lifecycle && (old || lifecycle.length > 0)) await putLifecycle(client, name, lifecycle);

  const policy = changed((from) => (from.policy === undefined ? "" : jsonText(from.policy)));
  if (policy !== undefined && (old || policy !== "")) await putPolicy(client, name, policy);
}

function encryptionOf({ serverSideEncryptionConfiguration: given }: BucketInputs) {
  if (!given) return [];
  const defaults = given.rule.applyServerSideEncryptionByDefault;
  return [
    {
      algorithm: defaults?.sseAlgorithm,
      kmsKeyId: defaults?.kmsMasterKeyId,
      bucketKeyEnabled: given.rule.bucketKeyEnabled,
    },
  ];
}

function lifecycleRuleOf(
  rule: NonNullable<BucketInputs["lifecycleRules"]>[number],
  index: number,
): LifecycleRule {
  return {
    id: rule.id ?? `rule-${index + 1}`,
    status: rule.enabled ? "Enabled" : "Disabled",
    filter: { prefix: rule.prefix ?? "", tags: rule.tags },
    abortAfterDays: rule.abortIncompleteMultipartUploadDays,
    expiration: rule.expiration,
    transitions: rule.transitions,
    noncurrentExpiration: rule.noncurrentVersionExpiration && {
      noncurrentDays: rule.noncurrentVersionExpiration.days,
    },
    noncurrentTransitions: rule.noncurrentVersionTransitions?.map(({ days, storageClass }) => ({
      noncurrentDays: days,
      storageClass,
    })),
  };
}

async function deleteBucket(aws: Aws, name: string): Promise<void> {
  try {
    await aws.client.s3("DeleteBucket", "DELETE", bucketPath(name));
  } catch (error) {
    if (!hasCode(error, "BucketNotEmpty")) throw error;
    throw new BowlineError(
      "bucket-not-empty",
      `The bucket ${name} still holds objects, so it is not deleted.`,
      {
        hint: "Empty it, or deploy it with forceDestroy: true first.",
        exitCode: 1,
        cause: error,
      },
    );
  }
}

function outputsOf(aws: Aws, inputs: BucketInputs, context: ResourceContext): Outputs<BucketState> {
  const name = inputs.bucket;
  return {
    bucket: name,
    arn: `arn:aws:s3:::${name}`,
    bucketDomainName: `${name}.s3.amazonaws.com`,
    bucketRegionalDomainName: `${name}.s3.${aws.region}.amazonaws.com`,
    bucketRegion: aws.region,
    region: aws.region,
    hostedZoneId: hostedZoneOf(aws.region),
    acl: inputs.acl ?? "private",
    forceDestroy: inputs.forceDestroy ?? false,
    objectLockEnabled: inputs.objectLockEnabled ?? false,
    requestPayer: inputs.requestPayer ?? "BucketOwner",
    versioning: inputs.versioning ?? { enabled: false, mfaDelete: false },
    tagsAll: allTags(inputs.tags, context),
  };
}
