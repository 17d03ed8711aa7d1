/** Which permissions the object operations take, with the condition keys S3 fills. */
import type { AccessRequest } from "../service.ts";
import type { S3Context } from "./context.ts";
import { bucketArn, objectArn, type S3Input } from "./input.ts";
import type { Tags } from "./object-store.ts";
import { requestTagContext, tagsOfHeader } from "./tags.ts";

type Context = Record<string, string | readonly string[]>;

/** Condition keys that stand for headers of the same name. */
const headerKeys = [
  "x-amz-acl",
  "x-amz-copy-source",
  "x-amz-metadata-directive",
  "x-amz-server-side-encryption",
  "x-amz-server-side-encryption-aws-kms-key-id",
  "x-amz-storage-class",
  "if-match",
  "if-none-match",
] as const;

function headerContext(headers: Readonly<Record<string, string>>): Context | undefined {
  let context: Context | undefined;
  for (const name of headerKeys) {
    const value = headers[name];
    if (value === undefined) continue;
    context ??= {};
    context[`s3:${name}`] = value;
  }
  return context;
}

/** `s3:ExistingObjectTag/…` and `s3:VersionId` of an object that is there. */
function existingContext(
  s3: S3Context,
  bucketName: string,
  key: string,
  versionId: string | null,
): Context | undefined {
  let context: Context | undefined = versionId === null ? undefined : { "s3:VersionId": versionId };
  if (!s3.objects.mayHaveTags()) return context;
  const bucket = s3.buckets.find(bucketName);
  if (bucket === undefined) return context;
  const row =
    versionId === null ? s3.objects.current(bucket, key) : s3.objects.version(bucket, key, versionId);
  if (!row?.tags) return context;
  context ??= {};
  for (const [name, value] of Object.entries(JSON.parse(row.tags) as Tags)) {
    context[`s3:ExistingObjectTag/${name}`] = value;
  }
  return context;
}

/** A permission on the object of the request. */
export function objectAccess(
  s3: S3Context,
  input: Pick<S3Input, "bucket" | "key" | "query">,
  actions: { readonly current: string; readonly version?: string },
): AccessRequest[] {
  const versionId = input.query.size === 0 ? null : input.query.get("versionId");
  return [
    {
      action: versionId !== null && actions.version !== undefined ? actions.version : actions.current,
      resource: objectArn(input.bucket, input.key),
      context: existingContext(s3, input.bucket, input.key, versionId),
    },
  ];
}

/** A permission on the source of a copy. */
export function sourceAccess(
  s3: S3Context,
  source: { readonly bucket: string; readonly key: string; readonly versionId?: string },
): AccessRequest {
  return {
    action: source.versionId === undefined ? "s3:GetObject" : "s3:GetObjectVersion",
    resource: objectArn(source.bucket, source.key),
    context: existingContext(s3, source.bucket, source.key, source.versionId ?? null),
  };
}

/** What a write of an object takes: tags and ACLs that come with it are permissions of their own. */
export function writeAccess(input: Pick<S3Input, "bucket" | "key" | "headers">): AccessRequest[] {
  const { headers } = input;
  const resource = objectArn(input.bucket, input.key);
  const tagging = headers["x-amz-tagging"];
  let context = headerContext(headers);
  if (tagging !== undefined) context = { ...context, ...requestTagContext(tagsOfHeader(tagging)) };
  const requests: AccessRequest[] = [{ action: "s3:PutObject", resource, context }];
  if (tagging) requests.push({ action: "s3:PutObjectTagging", resource, context });
  if (
    headers["x-amz-acl"] !== undefined ||
    Object.keys(headers).some((name) => name.startsWith("x-amz-grant-"))
  ) {
    requests.push({ action: "s3:PutObjectAcl", resource, context });
  }
  return requests;
}

/** A permission on the bucket of the request. */
export const bucketAccess =
  (action: string) =>
  (input: Pick<S3Input, "bucket">): AccessRequest[] => [{ action, resource: bucketArn(input.bucket) }];
