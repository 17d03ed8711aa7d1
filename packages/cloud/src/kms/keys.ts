/** Keys: making, describing, enabling, disabling and deleting them. */
import { AwsError } from "../error.ts";
import { type Input, optionalText, optionalTexts } from "../protocol/json-input.ts";
import { type AccessRequest, type Call, type Hub, type Operation, operation } from "../service.ts";
import { callFacts, onAccount, onKey } from "./access.ts";
import { invalid, unsupported } from "./errors.ts";
import { oneOf, optionalInteger, page, type Tags, tagsIn, text } from "./input.ts";
import type { Keyring } from "./keyring.ts";
import { metadata } from "./metadata.ts";
import type { Key } from "./model.ts";
import { readKeyPolicy } from "./policy.ts";
import { checkLockout } from "./policy-operations.ts";
import { type KeyUsage, keySpecs } from "./specs.ts";
import { demandStaying, managedBy, ownKey } from "./usable.ts";

const dayLength = 24 * 3600 * 1000;
const mostTags = 50;
const usages = ["ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT"] as const;

function descriptionIn(input: Input): string {
  const description = optionalText(input, "Description") ?? "";
  if (description.length > 8192) throw invalid("A Description has at most 8192 characters.");
  return description;
}

function kindOf(input: Input): { readonly spec: string; readonly usage: KeyUsage } {
  const asked = optionalText(input, "KeySpec") ?? optionalText(input, "CustomerMasterKeySpec");
  const spec = asked ?? "SYMMETRIC_DEFAULT";
  const known = Object.hasOwn(keySpecs, spec) ? keySpecs[spec] : undefined;
  if (!known) {
    throw unsupported(`The key spec ${spec.slice(0, 60)} is not one of ${Object.keys(keySpecs).join(", ")}.`);
  }
  const usage =
    oneOf(input, "KeyUsage", usages) ?? (spec === "SYMMETRIC_DEFAULT" ? "ENCRYPT_DECRYPT" : undefined);
  if (usage === undefined) {
    throw invalid("You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.");
  }
  if (!known.algorithms[usage]) throw invalid(`KeyUsage ${usage} is not compatible with KeySpec ${spec}.`);
  return { spec, usage };
}

function demandOwnMaterial(input: Input): void {
  const origin = optionalText(input, "Origin") ?? "AWS_KMS";
  if (origin !== "AWS_KMS" || input.CustomKeyStoreId !== undefined || input.XksKeyId !== undefined) {
    throw unsupported("Imported key material and custom key stores are not part of the local cloud.");
  }
}

function limitTags(tags: Tags): Tags {
  if (Object.keys(tags).length > mostTags) {
    throw new AwsError("LimitExceededException", `A key has at most ${mostTags} tags.`);
  }
  return tags;
}

/** What policies may ask about the tags of a request. */
function tagFacts(tags: Tags): NonNullable<AccessRequest["context"]> {
  const facts: Record<string, string | readonly string[]> = {};
  for (const [key, value] of Object.entries(tags)) facts[`aws:RequestTag/${key}`] = value;
  if (Object.keys(tags).length > 0) facts["aws:TagKeys"] = Object.keys(tags);
  return facts;
}

export function keyOperations(ring: Keyring, hub: Hub): Record<string, Operation> {
  const { store } = ring;

  async function create(input: Input, call: Call) {
    demandOwnMaterial(input);
    const { spec, usage } = kindOf(input);
    const policy = optionalText(input, "Policy");
    if (policy !== undefined) readKeyPolicy(policy);
    const tags = limitTags(tagsIn(input));
    const key = await ring.make({
      description: descriptionIn(input),
      spec,
      usage,
      multiRegion: input.MultiRegion === true,
      tags,
      policy,
    });
    try {
      if (policy !== undefined) checkLockout(input, key, call);
    } catch (error) {
      store.deleteKey(key.id);
      throw error;
    }
    return { KeyMetadata: metadata(hub, key) };
  }

  function setState(input: Input, state: "Enabled" | "Disabled") {
    const key = ownKey(ring, input);
    demandStaying(key);
    store.putKey({ ...key, state });
  }

  const tagged = (input: Input) => tagFacts(tagsIn(input));

  return {
    CreateKey: operation<Input, unknown>({
      access(input, call) {
        const facts = {
          ...callFacts(call),
          ...tagged(input),
          "kms:KeySpec": optionalText(input, "KeySpec") ?? "SYMMETRIC_DEFAULT",
          "kms:KeyUsage": optionalText(input, "KeyUsage") ?? "ENCRYPT_DECRYPT",
          "kms:KeyOrigin": optionalText(input, "Origin") ?? "AWS_KMS",
          "kms:MultiRegion": String(input.MultiRegion === true),
          "kms:BypassPolicyLockoutSafetyCheck": String(input.BypassPolicyLockoutSafetyCheck === true),
        };
        const actions = Object.keys(tagsIn(input)).length > 0 ? ["CreateKey", "TagResource"] : ["CreateKey"];
        return actions.map((action) => ({ action: `kms:${action}`, resource: "*", context: facts }));
      },
      run: create,
    }),
    DescribeKey: operation<Input, unknown>({
      access: onKey(ring, "DescribeKey"),
      run: (input) => ({ KeyMetadata: metadata(hub, ring.demand(text(input, "KeyId"))) }),
    }),
    ListKeys: operation<Input, unknown>({
      access: onAccount("ListKeys"),
      run(input) {
        ring.purge();
        const { items, rest } = page(input, store.keys(), 100, 1000);
        return { Keys: items.map(({ id, arn }) => ({ KeyId: id, KeyArn: arn })), ...rest };
      },
    }),
    UpdateKeyDescription: operation<Input, unknown>({
      access: onKey(ring, "UpdateKeyDescription"),
      run(input) {
        const key = ownKey(ring, input);
        demandStaying(key);
        text(input, "Description");
        store.putKey({ ...key, description: descriptionIn(input) });
      },
    }),
    EnableKey: operation<Input, unknown>({
      access: onKey(ring, "EnableKey"),
      run: (input) => setState(input, "Enabled"),
    }),
    DisableKey: operation<Input, unknown>({
      access: onKey(ring, "DisableKey"),
      run: (input) => setState(input, "Disabled"),
    }),
    ScheduleKeyDeletion: operation<Input, unknown>({
      access: onKey(ring, "ScheduleKeyDeletion", (input) => ({
        "kms:ScheduleKeyDeletionPendingWindowInDays": String(input.PendingWindowInDays ?? 30),
      })),
      run(input, call) {
        const key = ownKey(ring, input);
        demandStaying(key);
        const days = optionalInteger(input, "PendingWindowInDays", 7, 30) ?? 30;
        const deletion = call.time + days * dayLength;
        store.putKey({ ...key, state: "PendingDeletion", deletion });
        return {
          KeyId: key.arn,
          DeletionDate: deletion / 1000,
          KeyState: "PendingDeletion",
          PendingWindowInDays: days,
        };
      },
    }),
    CancelKeyDeletion: operation<Input, unknown>({
      access: onKey(ring, "CancelKeyDeletion"),
      run(input) {
        const key = ownKey(ring, input);
        if (key.state !== "PendingDeletion") {
          throw new AwsError("KMSInvalidStateException", `${key.arn} is not pending deletion.`);
        }
        const kept: Key = { ...key, state: "Disabled", deletion: undefined };
        store.putKey(kept);
        return { KeyId: key.arn };
      },
    }),
    TagResource: operation<Input, unknown>({
      access: onKey(ring, "TagResource", tagged),
      run(input) {
        const key = ownKey(ring, input);
        demandStaying(key);
        store.putKey({ ...key, tags: limitTags({ ...key.tags, ...tagsIn(input) }) });
      },
    }),
    UntagResource: operation<Input, unknown>({
      access: onKey(ring, "UntagResource", (input) => ({
        "aws:TagKeys": optionalTexts(input, "TagKeys") ?? [],
      })),
      run(input) {
        const key = ownKey(ring, input);
        demandStaying(key);
        const gone = new Set(optionalTexts(input, "TagKeys"));
        const tags = Object.fromEntries(Object.entries(key.tags).filter(([tag]) => !gone.has(tag)));
        store.putKey({ ...key, tags });
      },
    }),
    ListResourceTags: operation<Input, unknown>({
      access: onKey(ring, "ListResourceTags"),
      run(input) {
        const { items, rest } = page(input, Object.entries(managedBy(ring, input).tags), 50, 50);
        return { Tags: items.map(([TagKey, TagValue]) => ({ TagKey, TagValue })), ...rest };
      },
    }),
  };
}
