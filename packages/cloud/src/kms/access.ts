/** The permissions that uses of keys take, with all that key policies may ask about. */

import type { Input } from "../protocol/json-input.ts";
import type { AccessRequest, Call } from "../service.ts";
import type { Keyring } from "./keyring.ts";

type Facts = NonNullable<AccessRequest["context"]>;

/** The request to do something to a key, however it is called. */
export function keyRequest(
  ring: Keyring,
  action: string,
  given: unknown,
  call: Call,
  facts: Facts = {},
): AccessRequest {
  const name = typeof given === "string" ? given : "";
  const key = name === "" ? undefined : ring.find(name);
  const context: Record<string, string | readonly string[]> = { ...callFacts(call), ...facts };
  if (key) {
    context["kms:KeySpec"] = key.spec;
    context["kms:KeyUsage"] = key.usage;
    context["kms:KeyOrigin"] = "AWS_KMS";
    context["kms:MultiRegion"] = String(key.multiRegion);
    const aliases = ring.store.aliasesOf(key.id);
    if (aliases.length > 0) context["kms:ResourceAliases"] = aliases.map(({ name: alias }) => alias);
    for (const [tag, value] of Object.entries(key.tags)) context[`aws:ResourceTag/${tag}`] = value;
    const alias = /(?:^|:)(alias\/.+)$/.exec(name)?.[1];
    if (alias !== undefined) context["kms:RequestAlias"] = alias;
  }
  return { action: `kms:${action}`, resource: name === "" ? "*" : ring.arnOf(name), context };
}

/** Who asks, and by whose hand. */
export function callFacts(call: Call): Record<string, string> {
  const facts: Record<string, string> = {};
  const { principal } = call;
  // A service is of no account: the policy of an AWS managed key does not let one in.
  if (principal.kind === "root" || principal.kind === "role")
    facts["kms:CallerAccount"] = principal.accountId;
  if (call.via !== undefined) facts["kms:ViaService"] = `${call.via}.${call.region}.amazonaws.com`;
  return facts;
}

/** The permission for an operation on the key that `KeyId` names. */
export function onKey(ring: Keyring, action: string, facts?: (input: Input) => Facts) {
  return (input: Input, call: Call): readonly AccessRequest[] => [
    keyRequest(ring, action, input.KeyId, call, facts?.(input)),
  ];
}

/** The permission for an operation that is about no key. */
export function onAccount(action: string) {
  return (_input: Input, call: Call): readonly AccessRequest[] => [
    { action: `kms:${action}`, resource: "*", context: callFacts(call) },
  ];
}
