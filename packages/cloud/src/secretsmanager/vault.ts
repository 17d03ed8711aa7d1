/**
 * Values at rest: each is sealed with a data key of its own, which KMS made and encrypted. KMS is called as whoever
 * calls Secrets Manager, so who may not use the key cannot read the secret either.
 */
import { AwsError } from "../error.ts";
import type { Call, Hub } from "../service.ts";
import { openWith, sealWith } from "../store/seal.ts";
import type { SealedValue, Secret } from "./model.ts";

const ownKey = "alias/aws/secretsmanager";

export interface Value {
  readonly bytes: Buffer;
  readonly binary: boolean;
}

export interface Vault {
  seal(
    secret: Pick<Secret, "arn" | "keyId">,
    version: string,
    value: Value,
    call: Call,
  ): Promise<{ readonly keyArn: string; readonly value: SealedValue }>;
  open(secret: Pick<Secret, "arn">, version: string, value: SealedValue, call: Call): Promise<Value>;
}

export function openVault(hub: Hub): Vault {
  async function kms(operation: string, input: object, call: Call, failure: AwsError): Promise<KmsAnswer> {
    try {
      const answer = await hub.call({
        service: "kms",
        operation,
        input,
        as: call.principal,
        via: "secretsmanager",
      });
      return answer as KmsAnswer;
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      if (error.code === "AccessDenied") {
        throw new AwsError("AccessDenied", `Access to KMS is not allowed. ${error.message}`, 403);
      }
      throw new AwsError(failure.code, `${failure.message} ${error.message}`);
    }
  }

  const contextOf = (arn: string, version: string) => ({ SecretARN: arn, SecretVersionId: version });
  const labelOf = (arn: string, version: string) => `${arn} ${version}`;

  return {
    async seal({ arn, keyId }, version, { bytes, binary }, call) {
      const answer = await kms(
        "GenerateDataKey",
        { KeyId: keyId ?? ownKey, KeySpec: "AES_256", EncryptionContext: contextOf(arn, version) },
        call,
        new AwsError(
          "EncryptionFailure",
          "Secrets Manager can't encrypt the protected secret text using the provided KMS key.",
        ),
      );
      const dataKey = Buffer.from(answer.Plaintext, "base64");
      const sealed = sealWith(dataKey, bytes, labelOf(arn, version)).toString("base64");
      dataKey.fill(0);
      return {
        keyArn: answer.KeyId,
        value: { dataKey: answer.CiphertextBlob ?? "", sealed, binary },
      };
    },
    async open({ arn }, version, { dataKey: wrapped, sealed, binary }, call) {
      const answer = await kms(
        "Decrypt",
        { CiphertextBlob: wrapped, EncryptionContext: contextOf(arn, version) },
        call,
        new AwsError(
          "DecryptionFailure",
          "Secrets Manager can't decrypt the protected secret text using the provided KMS key.",
        ),
      );
      const dataKey = Buffer.from(answer.Plaintext, "base64");
      const bytes = openWith(dataKey, Buffer.from(sealed, "base64"), labelOf(arn, version));
      dataKey.fill(0);
      return { bytes, binary };
    },
  };
}

interface KmsAnswer {
  readonly KeyId: string;
  readonly Plaintext: string;
  readonly CiphertextBlob?: string;
}
