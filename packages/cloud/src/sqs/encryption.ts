/**
 * Queues with a key of KMS. Messages lie in the queue's table as they are; but who sends must be allowed to make and
 * open a data key, who receives to open one, as on AWS: so KMS is asked for both as whoever calls.
 */
import { AwsError } from "../error.ts";
import type { Call, Principal } from "../service.ts";
import { noSuchQueue } from "./errors.ts";
import type { Queue } from "./model.ts";
import type { SqsState } from "./state.ts";

const codes: Readonly<Record<string, string>> = {
  AccessDenied: "KmsAccessDenied",
  DisabledException: "KmsDisabled",
  InvalidKeyUsageException: "KmsInvalidKeyUsage",
  KMSInvalidStateException: "KmsInvalidState",
  NotFoundException: "KmsNotFound",
};

async function demandKey(
  { hub }: SqsState,
  queue: Queue,
  KeyId: string,
  call: Call,
  use: "send" | "receive",
): Promise<void> {
  const EncryptionContext = { "aws:sqs:arn": queue.arn };
  const kms = (operation: string, input: object, as: Principal) =>
    hub.call({ service: "kms", operation, input: { ...input, EncryptionContext }, as, via: "sqs" });
  const account: Principal = {
    kind: "root",
    arn: `arn:aws:iam::${hub.accountId}:root`,
    accountId: hub.accountId,
  };
  try {
    // A receiver opens what a sender made; here that is made for it.
    const maker = use === "send" ? call.principal : account;
    const dataKey = await kms("GenerateDataKey", { KeyId, KeySpec: "AES_256" }, maker);
    const { CiphertextBlob } = dataKey as { readonly CiphertextBlob: string };
    await kms("Decrypt", { CiphertextBlob }, call.principal);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new AwsError(codes[error.code] ?? error.code, `${queue.arn} is encrypted. ${error.message}`);
  }
}

/** Goes on once KMS has agreed, at once where the queue has no key. */
export async function withKey<T>(
  state: SqsState,
  queue: Queue,
  call: Call,
  use: "send" | "receive",
  goOn: () => T | Promise<T>,
): Promise<T> {
  const keyId = queue.attributes.KmsMasterKeyId;
  if (keyId) {
    await demandKey(state, queue, keyId, call, use);
    if (state.queues.get(queue.name) !== queue) throw noSuchQueue();
  }
  return goOn();
}
