/** What S3's tests share: buckets and objects in short. */
import {
  CreateBucketCommand,
  GetObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3Client,
} from "@aws-sdk/client-s3";

let count = 0;

export async function newBucket(s3: S3Client): Promise<string> {
  const Bucket = `bucket-${++count}`;
  await s3.send(new CreateBucketCommand({ Bucket }));
  return Bucket;
}

export async function newVersionedBucket(s3: S3Client): Promise<string> {
  const Bucket = await newBucket(s3);
  await setVersioning(s3, Bucket, "Enabled");
  return Bucket;
}

export const setVersioning = (s3: S3Client, Bucket: string, Status: "Enabled" | "Suspended") =>
  s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }));

export const put = (
  s3: S3Client,
  Bucket: string,
  Key: string,
  Body: string | Uint8Array = "",
  more: Partial<PutObjectCommandInput> = {},
) => s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));

export async function read(s3: S3Client, Bucket: string, Key: string, VersionId?: string): Promise<string> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key, VersionId }));
  return (await Body?.transformToString()) ?? "";
}
