import * as kms from "@aws-sdk/client-kms";
import * as sdk from "@aws-sdk/client-s3";
import { afterAll, describe, expect, test } from "vitest";
import type { PolicyStatement } from "../iam/policy.ts";
import { startTestCloud } from "../testing.ts";
import { newBucket } from "./testing.ts";

const cloud = await startTestCloud();
afterAll(() => cloud[Symbol.asyncDispose]());
const s3 = cloud.client(sdk.S3);
const keys = cloud.client(kms.KMSClient);

async function newKey(): Promise<{ id: string; arn: string }> {
  const { KeyMetadata } = await keys.send(new kms.CreateKeyCommand({}));
  return { id: KeyMetadata?.KeyId ?? "", arn: KeyMetadata?.Arn ?? "" };
}

/** A bucket whose objects are encrypted with a key unless they ask for something else. */
async function encryptedBucket(KMSMasterKeyID: string, BucketKeyEnabled = false): Promise<string> {
  const Bucket = await newBucket(s3);
  const ApplyServerSideEncryptionByDefault = { SSEAlgorithm: "aws:kms" as const, KMSMasterKeyID };
  const Rules = [{ ApplyServerSideEncryptionByDefault, BucketKeyEnabled }];
  await s3.putBucketEncryption({ Bucket, ServerSideEncryptionConfiguration: { Rules } });
  const { ServerSideEncryptionConfiguration } = await s3.getBucketEncryption({ Bucket });
  expect(ServerSideEncryptionConfiguration?.Rules).toMatchObject(Rules);
  return Bucket;
}

const objects: PolicyStatement = {
  Effect: "Allow",
  Action: ["s3:GetObject", "s3:PutObject"],
  Resource: "*",
};
const withKey = (arn: string, Action: string, Condition?: PolicyStatement["Condition"]): PolicyStatement => ({
  Effect: "Allow",
  Action,
  Resource: arn,
  Condition,
});
const as = async (...statements: PolicyStatement[]) =>
  cloud.client(sdk.S3, await cloud.roleWith([objects, ...statements]));

describe("an object with a key of KMS", () => {
  test("is written and read by those only who may use the key", async () => {
    const { id, arn } = await newKey();
    const Bucket = await encryptedBucket(id);
    const object = { Bucket, Key: "k" };
    const denied = { name: "AccessDenied" };
    const nobody = await as();
    await expect(nobody.putObject({ ...object, Body: "x" })).rejects.toMatchObject(denied);
    const writer = await as(withKey(arn, "kms:GenerateDataKey"));
    const answer = await writer.putObject({ ...object, Body: "hidden" });
    expect(answer).toMatchObject({ ServerSideEncryption: "aws:kms", SSEKMSKeyId: arn });
    await expect(writer.getObject(object)).rejects.toMatchObject(denied);
    await expect(nobody.getObject(object)).rejects.toThrow("kms:Decrypt");
    const reader = await as(withKey(arn, "kms:Decrypt"));
    const read = await reader.getObject(object);
    expect(await read.Body?.transformToString()).toBe("hidden");
    expect(read).toMatchObject({ ServerSideEncryption: "aws:kms", SSEKMSKeyId: arn });
    expect(await nobody.headObject(object)).toMatchObject({ SSEKMSKeyId: arn });
    await keys.send(new kms.DisableKeyCommand({ KeyId: id }));
    await expect(s3.getObject(object)).rejects.toMatchObject({ name: "KMS.DisabledException" });
  });

  test("tells KMS which it is, or only its bucket where the bucket has a key", async () => {
    const { id, arn } = await newKey();
    const bound = (value: string) => ({
      StringEquals: {
        "kms:ViaService": "s3.us-east-1.amazonaws.com",
        "kms:EncryptionContext:aws:s3:arn": value,
      },
    });
    const plain = await encryptedBucket(id);
    const one = await as(withKey(arn, "kms:GenerateDataKey", bound(`arn:aws:s3:::${plain}/a`)));
    await one.putObject({ Bucket: plain, Key: "a", Body: "x" });
    await expect(one.putObject({ Bucket: plain, Key: "b", Body: "x" })).rejects.toMatchObject({
      name: "AccessDenied",
    });
    const shared = await encryptedBucket(id, true);
    const all = await as(withKey(arn, "kms:GenerateDataKey", bound(`arn:aws:s3:::${shared}`)));
    const answer = await all.putObject({ Bucket: shared, Key: "b", Body: "x" });
    expect(answer).toMatchObject({ BucketKeyEnabled: true });
  });

  test("is asked for by a write itself, and may be in parts or a copy", async () => {
    const { id, arn } = await newKey();
    const Bucket = await newBucket(s3);
    const encrypted = { ServerSideEncryption: "aws:kms", SSEKMSKeyId: id } as const;
    const shown = { ServerSideEncryption: "aws:kms", SSEKMSKeyId: arn };
    const upload = await s3.createMultipartUpload({ Bucket, Key: "parts", ...encrypted });
    expect(upload).toMatchObject(shown);
    const { UploadId } = upload;
    const part = await s3.uploadPart({ Bucket, Key: "parts", UploadId, PartNumber: 1, Body: "part" });
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag: part.ETag }] };
    await s3.completeMultipartUpload({ Bucket, Key: "parts", UploadId, MultipartUpload });
    expect(await s3.headObject({ Bucket, Key: "parts" })).toMatchObject(shown);
    const CopySource = `${Bucket}/parts`;
    // A copy is encrypted as it asks or as its bucket does, never as its source was.
    await s3.copyObject({ Bucket, Key: "plain", CopySource });
    const copy = await s3.headObject({ Bucket, Key: "plain" });
    expect(copy.ServerSideEncryption).toBe("AES256");
    expect(copy.SSEKMSKeyId).toBeUndefined();
    expect(await s3.copyObject({ Bucket, Key: "kept", CopySource, ...encrypted })).toMatchObject(shown);
    const copier = await as();
    await expect(copier.copyObject({ Bucket, Key: "stolen", CopySource })).rejects.toThrow("kms:Decrypt");
    const own = await s3.putObject({ Bucket, Key: "own", Body: "x", ServerSideEncryption: "aws:kms" });
    expect(own.SSEKMSKeyId).toContain(":key/");
    const lost = { ...encrypted, SSEKMSKeyId: "alias/none" };
    await expect(s3.putObject({ Bucket, Key: "x", Body: "x", ...lost })).rejects.toMatchObject({
      name: "KMS.NotFoundException",
    });
    await expect(s3.putObject({ Bucket, Key: "x", Body: "x", SSEKMSKeyId: id })).rejects.toMatchObject({
      name: "InvalidArgument",
    });
  });
});
