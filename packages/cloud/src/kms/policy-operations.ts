/** Key policies. */
import { AwsError } from "../error.ts";
import { type Input, optionalText } from "../protocol/json-input.ts";
import { type Call, type Operation, operation } from "../service.ts";
import { onKey } from "./access.ts";
import { text } from "./input.ts";
import type { Keyring } from "./keyring.ts";
import type { Key } from "./model.ts";
import { readKeyPolicy } from "./policy.ts";
import { demandStaying, managedBy, ownKey } from "./usable.ts";

/** Whoever puts a policy must be able to put the next one, unless they say that they know better. */
export function checkLockout(input: Input, key: Key, call: Call): void {
  if (input.BypassPolicyLockoutSafetyCheck === true) return;
  if (call.allows({ action: "kms:PutKeyPolicy", resource: key.arn })) return;
  throw new AwsError(
    "MalformedPolicyDocumentException",
    "The new key policy will not allow you to update the key policy in the future.",
  );
}

function demandDefault(input: Input): void {
  const name = optionalText(input, "PolicyName") ?? "default";
  if (name !== "default") throw new AwsError("NotFoundException", `No such policy exists: ${name}`);
}

export function policyOperations(ring: Keyring): Record<string, Operation> {
  return {
    GetKeyPolicy: operation<Input, unknown>({
      access: onKey(ring, "GetKeyPolicy"),
      run(input) {
        const key = managedBy(ring, input);
        demandDefault(input);
        return { Policy: key.policy, PolicyName: "default" };
      },
    }),
    PutKeyPolicy: operation<Input, unknown>({
      access: onKey(ring, "PutKeyPolicy", (input) => ({
        "kms:BypassPolicyLockoutSafetyCheck": String(input.BypassPolicyLockoutSafetyCheck === true),
      })),
      run(input, call) {
        const key = ownKey(ring, input);
        demandStaying(key);
        demandDefault(input);
        const policy = text(input, "Policy");
        readKeyPolicy(policy);
        ring.store.putKey({ ...key, policy });
        try {
          checkLockout(input, key, call);
        } catch (error) {
          ring.store.putKey(key);
          throw error;
        }
      },
    }),
    ListKeyPolicies: operation<Input, unknown>({
      access: onKey(ring, "ListKeyPolicies"),
      run(input) {
        managedBy(ring, input);
        return { PolicyNames: ["default"], Truncated: false };
      },
    }),
  };
}
