/**
 * Secure values, encrypted by KMS as whoever puts and gets them: who may not use the key cannot read the parameter.
 * A value too long for KMS is sealed with a data key that KMS made and encrypted, as AWS does with advanced ones.
 */
import { AwsError } from "../error.ts";
import type { Call, Hub } from "../service.ts";
import { openWith, sealWith } from "../store/seal.ts";
import { arnOf } from "./input.ts";
import type { ParameterVersion } from "./store.ts";

export const defaultKey = "alias/aws/ssm";

export interface Secured {
  readonly keyId: string;
  readonly stored: string;
}

export interface SecureValues {
  protect(name: string, value: string, keyId: string, tier: string, call: Call): Promise<Secured>;
  reveal(name: string, version: ParameterVersion, call: Call): Promise<string>;
}

interface KmsAnswer {
  readonly Plaintext: string;
  readonly CiphertextBlob: string;
}

export function secureValues(
  hub: Hub,
  openOld: (name: string, version: ParameterVersion) => string,
): SecureValues {
  async function kms(operation: string, arn: string, input: object, call: Call): Promise<KmsAnswer> {
    try {
      return (await hub.call({
        service: "kms",
        operation,
        input: { ...input, EncryptionContext: { PARAMETER_ARN: arn } },
        as: call.principal,
        via: "ssm",
      })) as KmsAnswer;
    } catch (error) {
      if (!(error instanceof AwsError) || error.code === "AccessDenied") throw error;
      throw new AwsError("InvalidKeyId", error.message);
    }
  }

  return {
    async protect(name, value, keyId, tier, call) {
      const arn = arnOf(hub, name);
      if (tier !== "Advanced") {
        const Plaintext = Buffer.from(value).toString("base64");
        const { CiphertextBlob } = await kms("Encrypt", arn, { KeyId: keyId, Plaintext }, call);
        return { keyId, stored: CiphertextBlob };
      }
      const dataKey = await kms("GenerateDataKey", arn, { KeyId: keyId, KeySpec: "AES_256" }, call);
      const sealed = sealWith(Buffer.from(dataKey.Plaintext, "base64"), Buffer.from(value), arn);
      return { keyId, stored: `${dataKey.CiphertextBlob}.${sealed.toString("base64")}` };
    },
    async reveal(name, version, call) {
      if (version.type !== "SecureString") return version.stored;
      // Put before there was a KMS here.
      if (version.keyId === undefined) return openOld(name, version);
      const arn = arnOf(hub, name);
      const [CiphertextBlob, sealed] = version.stored.split(".");
      const { Plaintext } = await kms("Decrypt", arn, { CiphertextBlob }, call);
      const opened = Buffer.from(Plaintext, "base64");
      return (
        sealed === undefined ? opened : openWith(opened, Buffer.from(sealed, "base64"), arn)
      ).toString();
    },
  };
}
