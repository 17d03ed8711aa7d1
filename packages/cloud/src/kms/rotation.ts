/** Rotation: a key gets new material to encrypt with, and keeps the old to decrypt. */

import type { Input } from "../protocol/json-input.ts";
import { type Operation, operation } from "../service.ts";
import { onKey } from "./access.ts";
import { unsupported } from "./errors.ts";
import { optionalInteger, page } from "./input.ts";
import type { Keyring } from "./keyring.ts";
import type { Key } from "./model.ts";
import { demandEnabled, managedBy, ownKey } from "./usable.ts";

const dayLength = 24 * 3600 * 1000;

export function rotationOperations(ring: Keyring): Record<string, Operation> {
  function demandSymmetric(key: Key): Key {
    if (key.spec !== "SYMMETRIC_DEFAULT")
      throw unsupported(`${key.arn}: keys of ${key.spec} are not rotated.`);
    return key;
  }

  function rotating(input: Input): Key {
    const key = demandSymmetric(ownKey(ring, input));
    demandEnabled(key);
    return key;
  }

  return {
    EnableKeyRotation: operation<Input, unknown>({
      access: onKey(ring, "EnableKeyRotation", ({ RotationPeriodInDays: days = 365 }) => ({
        "kms:RotationPeriodInDays": String(days),
      })),
      run(input, call) {
        const key = rotating(input);
        const asked = optionalInteger(input, "RotationPeriodInDays", 90, 2560);
        const periodInDays = asked ?? key.rotation?.periodInDays ?? 365;
        const next =
          asked === undefined && key.rotation ? key.rotation.next : call.time + periodInDays * dayLength;
        ring.store.putKey({ ...key, rotation: { periodInDays, next } });
      },
    }),
    DisableKeyRotation: operation<Input, unknown>({
      access: onKey(ring, "DisableKeyRotation"),
      run: (input) => ring.store.putKey({ ...rotating(input), rotation: undefined }),
    }),
    GetKeyRotationStatus: operation<Input, unknown>({
      access: onKey(ring, "GetKeyRotationStatus"),
      run(input) {
        const { arn, rotation } = managedBy(ring, input);
        return {
          KeyId: arn,
          KeyRotationEnabled: rotation !== undefined,
          RotationPeriodInDays: rotation?.periodInDays,
          NextRotationDate: rotation && rotation.next / 1000,
        };
      },
    }),
    RotateKeyOnDemand: operation<Input, unknown>({
      access: onKey(ring, "RotateKeyOnDemand"),
      run(input, call) {
        const key = ring.rotate(rotating(input), call.time, "ON_DEMAND");
        return { KeyId: key.arn };
      },
    }),
    ListKeyRotations: operation<Input, unknown>({
      access: onKey(ring, "ListKeyRotations"),
      run(input) {
        const key = demandSymmetric(managedBy(ring, input));
        const all = key.materials.filter(({ rotation }) => input.IncludeKeyMaterial || rotation);
        const { items, rest } = page(input, all, 100, 1000);
        return {
          Rotations: items.map(({ id, created, rotation }) => ({
            KeyId: key.arn,
            KeyMaterialId: id,
            KeyMaterialState: id === key.materials.at(-1)?.id ? "CURRENT" : "NON_CURRENT",
            RotationDate: rotation && created / 1000,
            RotationType: rotation,
          })),
          ...rest,
        };
      },
    }),
  };
}
