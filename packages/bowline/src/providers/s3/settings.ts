/** What hangs on a bucket: each setting as the XML or JSON the service takes. */
import { createHash } from "node:crypto";
import { type Client, hasCode } from "../client.ts";
import { toXml, type XmlNode } from "../xml.ts";

export interface CorsRule {
  readonly id?: string;
  readonly allowedHeaders?: readonly string[];
  readonly allowedMethods: readonly string[];
  readonly allowedOrigins: readonly string[];
  readonly exposeHeaders?: readonly string[];
  readonly maxAgeSeconds?: number;
}

export interface EncryptionRule {
  readonly algorithm?: string;
  readonly kmsKeyId?: string;
  readonly bucketKeyEnabled?: boolean;
}

const namespace = "http://s3.amazonaws.com/doc/2006-03-01/";

export function bucketPath(bucket: string): string {
  return `/${bucket}`;
}

export function objectPath(bucket: string, key: string): string {
  return `/${bucket}/${key.split("/").map(encodeURIComponent).join("/")}`;
}

type Body = Readonly<Record<string, XmlNode | readonly XmlNode[]>>;

/** Puts a setting (`?cors`, `?versioning`, …) on a bucket. */
export async function putSetting(
  client: Client,
  bucket: string,
  setting: string,
  root: string,
  body: Body,
): Promise<void> {
  await putDocument(client, bucket, setting, `<${root} xmlns="${namespace}">${toXml(body)}</${root}>`);
}

async function putDocument(client: Client, bucket: string, setting: string, body: string): Promise<void> {
  await client.s3(`Put bucket ${setting}`, "PUT", bucketPath(bucket), {
    query: { [setting]: "" },
    headers: { "content-md5": createHash("md5").update(body).digest("base64") },
    body,
  });
}

export async function removeSetting(client: Client, bucket: string, setting: string): Promise<void> {
  try {
    await client.s3(`Delete bucket ${setting}`, "DELETE", bucketPath(bucket), { query: { [setting]: "" } });
  } catch (error) {
    if (!hasCode(error, "NoSuchBucket")) throw error;
  }
}

export async function putPolicy(client: Client, bucket: string, policy: string | undefined): Promise<void> {
  if (policy) await putDocument(client, bucket, "policy", policy);
  else await removeSetting(client, bucket, "policy");
}

export async function putVersioning(client: Client, bucket: string, status: string): Promise<void> {
  // "Disabled" is Terraform's word for a bucket whose versioning was never touched.
  if (status === "Disabled") return;
  await putSetting(client, bucket, "versioning", "VersioningConfiguration", { Status: status });
}

export async function putCors(client: Client, bucket: string, rules: readonly CorsRule[]): Promise<void> {
  if (rules.length === 0) return removeSetting(client, bucket, "cors");
  await putSetting(client, bucket, "cors", "CORSConfiguration", {
    CORSRule: rules.map((rule) => ({
      ID: rule.id,
      AllowedHeader: rule.allowedHeaders ?? [],
      AllowedMethod: rule.allowedMethods,
      AllowedOrigin: rule.allowedOrigins,
      ExposeHeader: rule.exposeHeaders ?? [],
      MaxAgeSeconds: rule.maxAgeSeconds,
    })),
  });
}

export async function putEncryption(
  client: Client,
  bucket: string,
  rules: readonly EncryptionRule[],
): Promise<void> {
  if (rules.length === 0) return removeSetting(client, bucket, "encryption");
  await putSetting(client, bucket, "encryption", "ServerSideEncryptionConfiguration", {
    Rule: rules.map((rule) => ({
      ApplyServerSideEncryptionByDefault:
        rule.algorithm === undefined
          ? undefined
          : { SSEAlgorithm: rule.algorithm, KMSMasterKeyID: rule.kmsKeyId },
      BucketKeyEnabled: rule.bucketKeyEnabled,
    })),
  });
}

export async function putTags(
  client: Client,
  bucket: string,
  tags: Readonly<Record<string, string>>,
): Promise<void> {
  const entries = Object.entries(tags);
  if (entries.length === 0) return removeSetting(client, bucket, "tagging");
  await putSetting(client, bucket, "tagging", "Tagging", {
    TagSet: { Tag: entries.map(([Key, Value]) => ({ Key, Value })) },
  });
}
