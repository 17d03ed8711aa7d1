/** The resources that set one thing on a bucket, and whose id is the bucket's name. */
import type { ResourceHandler } from "@bowline/engine";
import type {
  BucketCorsConfigurationArgs,
  BucketCorsConfigurationState,
} from "@pulumi/aws/s3/bucketCorsConfiguration.js";
import type {
  BucketLifecycleConfigurationArgs,
  BucketLifecycleConfigurationState,
} from "@pulumi/aws/s3/bucketLifecycleConfiguration.js";
import type {
  BucketOwnershipControlsArgs,
  BucketOwnershipControlsState,
} from "@pulumi/aws/s3/bucketOwnershipControls.js";
import type { BucketPolicyArgs, BucketPolicyState } from "@pulumi/aws/s3/bucketPolicy.js";
import type {
  BucketPublicAccessBlockArgs,
  BucketPublicAccessBlockState,
} from "@pulumi/aws/s3/bucketPublicAccessBlock.js";
import type {
  BucketServerSideEncryptionConfigurationArgs,
  BucketServerSideEncryptionConfigurationState,
} from "@pulumi/aws/s3/bucketServerSideEncryptionConfiguration.js";
import type { BucketVersioningArgs, BucketVersioningState } from "@pulumi/aws/s3/bucketVersioning.js";
import { type Aws, jsonText } from "../aws.ts";
import { hasCode } from "../client.ts";
import type { Inputs, Outputs } from "../plain.ts";
import { type Definition, resource } from "../resource.ts";
import { type LifecycleRule, putLifecycle } from "./lifecycle.ts";
import {
  bucketPath,
  putCors,
  putEncryption,
  putPolicy,
  putSetting,
  putVersioning,
  removeSetting,
} from "./settings.ts";

interface OnBucket {
  readonly bucket: unknown;
}

interface Setting<Args extends OnBucket, State>
  extends Pick<Definition<Args, State>, "complete" | "required" | "recorded"> {
  /** The query parameter that names it: `cors`, `policy`, … */
  readonly name: string;
  put(bucket: string, inputs: Inputs<Args>): Promise<void>;
  remove?(bucket: string, inputs: Inputs<Args>): Promise<void>;
  outputs?(inputs: Inputs<Args>): Outputs<State>;
}

function setting<Args extends OnBucket, State extends { bucket?: unknown; region?: unknown }>(
  aws: Aws,
  { name, put, remove, outputs, ...rest }: Setting<Args, State>,
): ResourceHandler {
  const bucketOf = (inputs: Inputs<Args>) => String(inputs.bucket);
  const outputsOf = (inputs: Inputs<Args>) =>
    ({ bucket: inputs.bucket, region: aws.region, ...outputs?.(inputs) }) as unknown as Outputs<State>;
  return resource<Args, State>(aws.endpoint, {
    ...rest,
    required: ["bucket", ...(rest.required ?? [])],
    replaceOn: ["bucket"],
    find: bucketOf,
    async create(inputs) {
      await put(bucketOf(inputs), inputs);
      return bucketOf(inputs);
    },
    async describe(id, inputs) {
      try {
        await aws.client.s3(`Get bucket ${name}`, "GET", bucketPath(id), { query: { [name]: "" } });
      } catch (error) {
        if (isNotSet(error)) return undefined;
        throw error;
      }
      return outputsOf({ ...inputs, bucket: id });
    },
    update: (id, inputs) => put(id, inputs),
    delete: (id, old) => (remove ? remove(id, old.inputs) : removeSetting(aws.client, id, name)),
    predict: outputsOf,
  });
}

function isNotSet(error: unknown): boolean {
  return hasCode(
    error,
    "NoSuchBucketPolicy",
    "NoSuchCORSConfiguration",
    "NoSuchPublicAccessBlockConfiguration",
    "NoSuchLifecycleConfiguration",
    "OwnershipControlsNotFoundError",
    "ServerSideEncryptionConfigurationNotFoundError",
  );
}

export function bucketVersioning(aws: Aws): ResourceHandler {
  return setting<BucketVersioningArgs, BucketVersioningState>(aws, {
    name: "versioning",
    required: ["versioningConfiguration"],
    recorded: ["mfa"],
    put: (bucket, inputs) => putVersioning(aws.client, bucket, inputs.versioningConfiguration.status),
    // Versioning cannot be unset, only suspended.
    async remove(bucket, inputs) {
      if (inputs.versioningConfiguration.status === "Enabled")
        await putVersioning(aws.client, bucket, "Suspended");
    },
  });
}

export function bucketPublicAccessBlock(aws: Aws): ResourceHandler {
  return setting<BucketPublicAccessBlockArgs, BucketPublicAccessBlockState>(aws, {
    name: "publicAccessBlock",
    put: (bucket, inputs) =>
      putSetting(aws.client, bucket, "publicAccessBlock", "PublicAccessBlockConfiguration", {
        BlockPublicAcls: inputs.blockPublicAcls ?? false,
        IgnorePublicAcls: inputs.ignorePublicAcls ?? false,
        BlockPublicPolicy: inputs.blockPublicPolicy ?? false,
        RestrictPublicBuckets: inputs.restrictPublicBuckets ?? false,
      }),
    async remove(bucket, inputs) {
      if (!inputs.skipDestroy) await removeSetting(aws.client, bucket, "publicAccessBlock");
    },
  });
}

export function bucketPolicy(aws: Aws): ResourceHandler {
  return setting<BucketPolicyArgs, BucketPolicyState>(aws, {
    name: "policy",
    required: ["policy"],
    complete: (inputs) =>
      inputs.policy === undefined ? inputs : { ...inputs, policy: jsonText(inputs.policy) },
    put: (bucket, inputs) => putPolicy(aws.client, bucket, jsonText(inputs.policy)),
  });
}

export function bucketCorsConfiguration(aws: Aws): ResourceHandler {
  return setting<BucketCorsConfigurationArgs, BucketCorsConfigurationState>(aws, {
    name: "cors",
    required: ["corsRules"],
    put: (bucket, inputs) => putCors(aws.client, bucket, inputs.corsRules),
  });
}

export function bucketServerSideEncryptionConfiguration(aws: Aws): ResourceHandler {
  return setting<BucketServerSideEncryptionConfigurationArgs, BucketServerSideEncryptionConfigurationState>(
    aws,
    {
      name: "encryption",
      required: ["rules"],
      put: (bucket, inputs) =>
        putEncryption(
          aws.client,
          bucket,
          inputs.rules.map((rule) => ({
            algorithm: rule.applyServerSideEncryptionByDefault?.sseAlgorithm,
            kmsKeyId: rule.applyServerSideEncryptionByDefault?.kmsMasterKeyId,
            bucketKeyEnabled: rule.bucketKeyEnabled,
          })),
        ),
    },
  );
}

export function bucketOwnershipControls(aws: Aws): ResourceHandler {
  return setting<BucketOwnershipControlsArgs, BucketOwnershipControlsState>(aws, {
    name: "ownershipControls",
    required: ["rule"],
    put: (bucket, inputs) =>
      putSetting(aws.client, bucket, "ownershipControls", "OwnershipControls", {
        Rule: { ObjectOwnership: inputs.rule.objectOwnership },
      }),
  });
}

export function bucketLifecycleConfiguration(aws: Aws): ResourceHandler {
  return setting<BucketLifecycleConfigurationArgs, BucketLifecycleConfigurationState>(aws, {
    name: "lifecycle",
    put: (bucket, inputs) => putLifecycle(aws.client, bucket, (inputs.rules ?? []).map(lifecycleRuleOf)),
    outputs: (inputs) => ({
      transitionDefaultMinimumObjectSize:
        inputs.transitionDefaultMinimumObjectSize ?? "all_storage_classes_128K",
    }),
  });
}

function lifecycleRuleOf(
  rule: NonNullable<Inputs<BucketLifecycleConfigurationArgs>["rules"]>[number],
): LifecycleRule {
  const { and, tag, ...filter } = rule.filter ?? {};
  return {
    id: rule.id,
    status: rule.status,
    filter: and ?? { prefix: rule.prefix, ...filter, tags: tag && { [tag.key]: tag.value } },
    abortAfterDays: rule.abortIncompleteMultipartUpload?.daysAfterInitiation,
    expiration: rule.expiration,
    transitions: rule.transitions,
    noncurrentExpiration: rule.noncurrentVersionExpiration,
    noncurrentTransitions: rule.noncurrentVersionTransitions,
  };
}
