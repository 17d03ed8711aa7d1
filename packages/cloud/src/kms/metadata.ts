/** A key as `DescribeKey` shows it. */
import type { Hub } from "../service.ts";
import type { Key } from "./model.ts";
import { keySpecs } from "./specs.ts";

export function metadata(hub: Hub, key: Key) {
  const { arn, id, usage, spec, state } = key;
  const algorithms = keySpecs[spec]?.algorithms[usage] ?? [];
  const of = (wanted: Key["usage"]) => (usage === wanted ? algorithms : undefined);
  return {
    AWSAccountId: hub.accountId,
    KeyId: id,
    Arn: arn,
    CreationDate: key.created / 1000,
    Enabled: state === "Enabled",
    Description: key.description,
    KeyUsage: usage,
    KeyState: state,
    DeletionDate: key.deletion === undefined ? undefined : key.deletion / 1000,
    Origin: "AWS_KMS",
    KeyManager: key.manager,
    CustomerMasterKeySpec: spec,
    KeySpec: spec,
    EncryptionAlgorithms: of("ENCRYPT_DECRYPT"),
    SigningAlgorithms: of("SIGN_VERIFY"),
    MacAlgorithms: of("GENERATE_VERIFY_MAC"),
    KeyAgreementAlgorithms: of("KEY_AGREEMENT"),
    MultiRegion: key.multiRegion,
    MultiRegionConfiguration: key.multiRegion
      ? {
          MultiRegionKeyType: "PRIMARY",
          PrimaryKey: { Arn: arn, Region: hub.region },
          ReplicaKeys: [],
        }
      : undefined,
    CurrentKeyMaterialId: spec === "SYMMETRIC_DEFAULT" ? key.materials.at(-1)?.id : undefined,
  };
}
