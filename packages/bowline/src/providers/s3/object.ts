import { archiveEntries, type ResourceContext, type ResourceHandler } from "@bowline/engine";
import type { BucketObjectArgs, BucketObjectState } from "@pulumi/aws/s3/bucketObject.js";
import type { BucketObjectv2Args, BucketObjectv2State } from "@pulumi/aws/s3/bucketObjectv2.js";
import { type Aws, allTags } from "../aws.ts";
import { packArchive } from "../lambda/package.ts";
import type { Inputs, Outputs } from "../plain.ts";
import { resource } from "../resource.ts";
import { deleteVersions } from "./empty.ts";
import { objectPath } from "./settings.ts";

/** Both classes; what the newer one has more, this reads as absent in the older. */
type ObjectInputs = Inputs<BucketObjectArgs> & Pick<Inputs<BucketObjectv2Args>, "checksumAlgorithm">;
type ObjectOutputs = Outputs<BucketObjectState>;

export function bucketObject(aws: Aws): ResourceHandler {
  return resource<BucketObjectArgs, BucketObjectState>(aws.endpoint, definition(aws));
}

export function bucketObjectV2(aws: Aws): ResourceHandler {
  return resource<BucketObjectv2Args, BucketObjectv2State>(aws.endpoint, definition(aws));
}

function definition(aws: Aws) {
  return {
    required: ["bucket"],
    autoName: { property: "key", maxLength: 1024, forbidden: /[^A-Za-z0-9!_.*'()/-]/g },
    replaceOn: ["bucket", "key", "region"],
    recorded: ["objectLockLegalHoldStatus", "objectLockMode", "objectLockRetainUntilDate"],
    volatile: ["etag", "versionId"],
    find: (inputs: ObjectInputs) => inputs.key,
    async create(inputs: ObjectInputs, context: ResourceContext) {
      await put(aws, inputs, context);
      return String(inputs.key);
    },
    async describe(id: string, inputs: ObjectInputs, context: ResourceContext): Promise<ObjectOutputs> {
      const { headers } = await aws.client.s3("HeadObject", "HEAD", objectPath(inputs.bucket, id));
      return {
        key: id,
        bucket: inputs.bucket,
        arn: `arn:aws:s3:::${inputs.bucket}/${id}`,
        etag: (headers.get("etag") ?? "").replaceAll('"', ""),
        versionId: headers.get("x-amz-version-id") ?? "",
        contentType: headers.get("content-type") ?? "",
        storageClass: headers.get("x-amz-storage-class") ?? "STANDARD",
        serverSideEncryption: headers.get("x-amz-server-side-encryption") ?? "AES256",
        acl: inputs.acl ?? "private",
        forceDestroy: inputs.forceDestroy ?? false,
        region: aws.region,
        tagsAll: allTags(inputs.tags, context),
      };
    },
    update: (_id: string, inputs: ObjectInputs, _old: unknown, context: ResourceContext) =>
      put(aws, inputs, context),
    delete: (id: string, old: { readonly inputs: ObjectInputs }) =>
      deleteVersions(aws.client, old.inputs.bucket, id),
    predict: (inputs: ObjectInputs) => ({ arn: `arn:aws:s3:::${inputs.bucket}/${inputs.key}` }),
  } as const;
}

async function put(aws: Aws, inputs: ObjectInputs, context: ResourceContext): Promise<void> {
  const tags = new URLSearchParams(allTags(inputs.tags, context)).toString();
  const headers: Readonly<Record<string, string | undefined>> = {
    "content-type": inputs.contentType ?? "application/octet-stream",
    "cache-control": inputs.cacheControl,
    "content-disposition": inputs.contentDisposition,
    "content-encoding": inputs.contentEncoding,
    "content-language": inputs.contentLanguage,
    "x-amz-acl": inputs.acl === "private" ? undefined : inputs.acl,
    "x-amz-checksum-algorithm": inputs.checksumAlgorithm,
    "x-amz-server-side-encryption": inputs.serverSideEncryption,
    "x-amz-server-side-encryption-aws-kms-key-id": inputs.kmsKeyId,
    "x-amz-storage-class": inputs.storageClass,
    "x-amz-website-redirect-location": inputs.websiteRedirect,
    "x-amz-tagging": tags === "" ? undefined : tags,
    ...Object.fromEntries(
      Object.entries(inputs.metadata ?? {}).map(([name, value]) => [`x-amz-meta-${name}`, value]),
    ),
  };
  await aws.client.s3("PutObject", "PUT", objectPath(inputs.bucket, String(inputs.key)), {
    headers: Object.fromEntries(
      Object.entries(headers).flatMap(([name, value]) => (value ? [[name, value] as const] : [])),
    ),
    body: await contentOf(aws, inputs),
  });
}

async function contentOf(aws: Aws, inputs: ObjectInputs): Promise<Uint8Array<ArrayBuffer>> {
  if (inputs.contentBase64 !== undefined) return Uint8Array.from(Buffer.from(inputs.contentBase64, "base64"));
  if (inputs.source === undefined) return new TextEncoder().encode(inputs.content ?? "");
  const entries = await archiveEntries(inputs.source, aws.cwd);
  const [only] = entries.values();
  // A file is put as it is, an archive of several parts as a ZIP.
  const isAsset = entries.size === 1 && only !== undefined && !("assets" in Object(inputs.source));
  return Uint8Array.from(isAsset ? only : await packArchive(inputs.source, aws.cwd));
}
