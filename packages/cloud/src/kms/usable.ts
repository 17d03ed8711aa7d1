/** The key a request is about, in a state and of a kind that allow it. */
import { AwsError } from "../error.ts";
import type { Input } from "../protocol/json-input.ts";
import { invalidUsage, notFound } from "./errors.ts";
import { text } from "./input.ts";
import type { Keyring } from "./keyring.ts";
import type { Key } from "./model.ts";
import type { KeyUsage } from "./specs.ts";

export function demandEnabled(key: Key): void {
  if (key.state === "Disabled") throw new AwsError("DisabledException", `${key.arn} is disabled.`);
  demandStaying(key);
}

export function demandStaying(key: Key): void {
  if (key.state === "PendingDeletion") {
    throw new AwsError("KMSInvalidStateException", `${key.arn} is pending deletion.`);
  }
}

/** A key to use: aliases will do. */
export function usableKey(ring: Keyring, given: string, usage: KeyUsage, operation: string): Key {
  const key = ring.demand(given);
  demandEnabled(key);
  if (key.usage !== usage) {
    throw invalidUsage(`${key.arn} key usage is ${key.usage} which is not valid for ${operation}.`);
  }
  return key;
}

/** A key to look after: by its id or ARN only. */
export function managedBy(ring: Keyring, input: Input, name = "KeyId"): Key {
  const given = text(input, name);
  if (/(?:^|:)alias\//.test(given)) throw notFound(`Invalid keyId ${given.slice(0, 256)}`);
  return ring.demand(given);
}

/** A key to change: those of services are not the account's to change. */
export function ownKey(ring: Keyring, input: Input, name = "KeyId"): Key {
  const key = managedBy(ring, input, name);
  if (key.manager === "AWS") {
    throw new AwsError("AccessDenied", `${key.arn} is managed by AWS: it cannot be changed.`, 403);
  }
  return key;
}
