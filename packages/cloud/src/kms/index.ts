/** KMS: keys that never leave, and what is encrypted, signed and authenticated with them. */
import { jsonProtocol } from "../protocol/json.ts";
import type { Hub, Service } from "../service.ts";
import { aliasOperations } from "./aliases.ts";
import { dataKeyOperations } from "./data-keys.ts";
import { encryptionOperations } from "./encryption.ts";
import { grantOperations } from "./grants.ts";
import { openKeyring } from "./keyring.ts";
import { keyOperations } from "./keys.ts";
import { policyOperations } from "./policy-operations.ts";
import { rotationOperations } from "./rotation.ts";
import { signingOperations } from "./signing.ts";

export function createKms(hub: Hub): Service {
  const ring = openKeyring(hub);
  return {
    name: "kms",
    protocol: jsonProtocol({ version: "1.1", namespace: "com.amazonaws.kms", targetPrefix: "TrentService" }),
    operations: {
      ...keyOperations(ring, hub),
      ...aliasOperations(ring, hub),
      ...encryptionOperations(ring),
      ...dataKeyOperations(ring),
      ...signingOperations(ring),
      ...policyOperations(ring),
      ...grantOperations(ring),
      ...rotationOperations(ring),
    },
    resourcePolicy: ring.policyOf,
    resourcePolicyDecides: true,
    start: ring.purge,
  };
}
