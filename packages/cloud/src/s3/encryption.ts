/**
 * Objects with a key of KMS. Their bytes lie in the folder as they are; but who writes must be allowed to make a data
 * key, who reads to open one, as on AWS: so KMS is asked for both as whoever calls.
 */
import { AwsError } from "../error.ts";
import { childOf, parseXml, textOf } from "../protocol/rest-xml.ts";
import type { Call, Principal } from "../service.ts";
import type { Bucket } from "./bucket-store.ts";
import type { S3Context } from "./context.ts";
import { invalidArgument } from "./errors.ts";
import { bucketArn } from "./input.ts";

type Headers = Readonly<Record<string, string>>;

const algorithmHeader = "x-amz-server-side-encryption";
const keyHeader = "x-amz-server-side-encryption-aws-kms-key-id";
const bucketKeyHeader = "x-amz-server-side-encryption-bucket-key-enabled";
const ownKey = "alias/aws/s3";

interface Wanted {
  readonly algorithm: string;
  readonly keyId: string;
  /** The data key is the bucket's, and KMS is told of the bucket only. */
  readonly bucketKey: boolean;
}

/** What answers say of how an object is encrypted, by the headers kept with it. */
export function encryptionHeaders(kept: Headers): Record<string, string> {
  const answer: Record<string, string> = { [algorithmHeader]: kept[algorithmHeader] ?? "AES256" };
  for (const name of [keyHeader, bucketKeyHeader]) {
    const value = kept[name];
    if (value !== undefined) answer[name] = value;
  }
  return answer;
}

/** The headers of an object without those that are about its encryption: a copy has its own. */
export function withoutEncryption(kept: Headers): Record<string, string> {
  const { [algorithmHeader]: _, [keyHeader]: _key, [bucketKeyHeader]: _bucket, ...rest } = kept;
  return rest;
}

/** What a bucket's configuration asks for; the text is read once. */
const defaults = new Map<string, Wanted | undefined>();

function defaultOf(bucket: Bucket): Wanted | undefined {
  const text = bucket.settings.get("encryption");
  if (text === undefined) return undefined;
  if (!defaults.has(text)) {
    const rule = childOf(childOf(parseXml(text), "ServerSideEncryptionConfiguration"), "Rule");
    const byDefault = childOf(rule, "ApplyServerSideEncryptionByDefault");
    const algorithm = textOf(byDefault, "SSEAlgorithm") ?? "";
    const keyId = textOf(byDefault, "KMSMasterKeyID") || ownKey;
    const bucketKey = textOf(rule, "BucketKeyEnabled") === "true";
    defaults.set(text, algorithm.startsWith("aws:kms") ? { algorithm, keyId, bucketKey } : undefined);
  }
  return defaults.get(text);
}

function wantedFor(bucket: Bucket, headers: Headers): Wanted | undefined {
  const algorithm = headers[algorithmHeader];
  const keyId = headers[keyHeader];
  // Anything else is refused with the other headers.
  if (!algorithm?.startsWith("aws:kms")) {
    if (keyId !== undefined) {
      throw invalidArgument(
        "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms",
        algorithmHeader,
        algorithm ?? "null",
      );
    }
    return algorithm === undefined ? defaultOf(bucket) : undefined;
  }
  const bucketKey = headers[bucketKeyHeader]?.toLowerCase() === "true";
  return { algorithm, keyId: keyId ?? ownKey, bucketKey };
}

async function ask(
  { hub }: Pick<S3Context, "hub">,
  operation: string,
  input: object,
  arn: string,
  as: Principal,
): Promise<{ readonly KeyId: string; readonly CiphertextBlob: string }> {
  try {
    const answer = await hub.call({
      service: "kms",
      operation,
      input: { ...input, EncryptionContext: { "aws:s3:arn": arn } },
      as,
      via: "s3",
    });
    return answer as { readonly KeyId: string; readonly CiphertextBlob: string };
  } catch (error) {
    if (!(error instanceof AwsError) || error.code === "AccessDenied") throw error;
    throw new AwsError(`KMS.${error.code}`, error.message);
  }
}

function contextArn(bucket: string, key: string, bucketKey: boolean): string {
  return bucketKey ? bucketArn(bucket) : `${bucketArn(bucket)}/${key}`;
}

/** The headers to keep with an object that is to be encrypted by KMS; undefined where it is not. */
export function encryptionFor(
  s3: Pick<S3Context, "hub">,
  bucket: Bucket,
  key: string,
  headers: Headers,
  call: Call,
): Promise<Record<string, string>> | undefined {
  const wanted = wantedFor(bucket, headers);
  if (!wanted) return undefined;
  const { algorithm, keyId, bucketKey } = wanted;
  const arn = contextArn(bucket.name, key, bucketKey);
  const dataKey = ask(s3, "GenerateDataKey", { KeyId: keyId, KeySpec: "AES_256" }, arn, call.principal);
  return dataKey.then(({ KeyId }) => ({
    [algorithmHeader]: algorithm,
    [keyHeader]: KeyId,
    ...(bucketKey ? { [bucketKeyHeader]: "true" } : undefined),
  }));
}

/** Asks KMS whether the caller may read what is kept with these headers; undefined where that is no matter of KMS. */
export function demandOpen(
  s3: Pick<S3Context, "hub">,
  object: { readonly bucket: string; readonly key: string },
  kept: Headers,
  call: Call,
): Promise<void> | undefined {
  if (!kept[algorithmHeader]?.startsWith("aws:kms")) return undefined;
  const { accountId } = s3.hub;
  const account: Principal = { kind: "root", arn: `arn:aws:iam::${accountId}:root`, accountId };
  const arn = contextArn(object.bucket, object.key, kept[bucketKeyHeader] === "true");
  const KeyId = kept[keyHeader];
  // A reader opens what a writer made; here that is made for it.
  return ask(s3, "GenerateDataKey", { KeyId, KeySpec: "AES_256" }, arn, account)
    .then(({ CiphertextBlob }) => ask(s3, "Decrypt", { CiphertextBlob }, arn, call.principal))
    .then(() => {});
}
