import type { ResourceHandler } from "@bowline/engine";
import type { BucketArgs } from "@pulumi/aws/s3/bucket.js";
import type { BucketV2Args, BucketV2State } from "@pulumi/aws/s3/bucketV2.js";
import { type Aws, jsonText } from "../aws.ts";
import type { Inputs, Outputs } from "../plain.ts";
import { type Previous, resource } from "../resource.ts";
import { bucketDefinition } from "./bucket.ts";

/** The deprecated class: the same bucket, with lists where the other has single values. */
export function bucketV2(aws: Aws): ResourceHandler {
  const { create, describe, update, predict, ...same } = bucketDefinition(aws);
  const plural = (inputs: Inputs<BucketV2Args>): Outputs<BucketV2State> => ({
    versionings: inputs.versionings ?? [{ enabled: false, mfaDelete: false }],
  });
  return resource<BucketV2Args, BucketV2State>(aws.endpoint, {
    autoName: { ...same.autoName, property: "bucket", prefixProperty: "bucketPrefix", maxLength: 63 },
    replaceOn: ["bucket", "bucketPrefix", "bucketNamespace", "objectLockEnabled", "region"],
    recorded: [
      "accelerationStatus",
      "grants",
      "lifecycleRules",
      "loggings",
      "objectLockConfiguration",
      "replicationConfigurations",
      "requestPayer",
      "websites",
    ],
    complete: (inputs) =>
      inputs.policy === undefined ? inputs : { ...inputs, policy: jsonText(inputs.policy) },
    find: (inputs) => inputs.bucket,
    create: (inputs, context) => create(singular(inputs), context),
    describe: async (id, inputs, context) => ({
      ...common(await describe(id, singular(inputs), context)),
      ...plural(inputs),
    }),
    update: async (id, inputs, old, context) =>
      update?.(id, singular(inputs), { inputs: singular(old.inputs), outputs: {} }, context),
    delete: (id, old, context) => same.delete(id, singularOld(old), context),
    predict: (inputs, context) => ({ ...common(predict?.(singular(inputs), context)), ...plural(inputs) }),
  });
}

function singularOld(old: Previous<BucketV2Args, BucketV2State>) {
  return { inputs: singular(old.inputs), outputs: {} };
}

function common(outputs: object | undefined): Outputs<BucketV2State> {
  const { versioning, ...rest } = (outputs ?? {}) as { versioning?: unknown };
  return rest;
}

function singular(inputs: Inputs<BucketV2Args>): Inputs<BucketArgs> {
  const encryption = inputs.serverSideEncryptionConfigurations?.[0]?.rules[0];
  return {
    bucket: inputs.bucket,
    acl: undefined,
    corsRules: inputs.corsRules,
    forceDestroy: inputs.forceDestroy,
    objectLockEnabled: inputs.objectLockEnabled,
    policy: inputs.policy,
    requestPayer: inputs.requestPayer,
    tags: inputs.tags,
    versioning: inputs.versionings?.[0],
    serverSideEncryptionConfiguration: encryption && {
      rule: {
        applyServerSideEncryptionByDefault: encryption.applyServerSideEncryptionByDefaults[0],
        bucketKeyEnabled: encryption.bucketKeyEnabled,
      },
    },
  };
}
