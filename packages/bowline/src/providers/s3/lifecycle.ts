import type { Client } from "../client.ts";
import { putSetting, removeSetting } from "./settings.ts";

export interface LifecycleRule {
  readonly id: string;
  readonly status: string;
  readonly filter: {
    readonly prefix?: string;
    readonly tags?: Readonly<Record<string, string>>;
    readonly objectSizeGreaterThan?: number;
    readonly objectSizeLessThan?: number;
  };
  readonly abortAfterDays?: number;
  readonly expiration?: {
    readonly date?: string;
    readonly days?: number;
    readonly expiredObjectDeleteMarker?: boolean;
  };
  readonly transitions?: readonly {
    readonly date?: string;
    readonly days?: number;
    readonly storageClass: string;
  }[];
  readonly noncurrentExpiration?: {
    readonly noncurrentDays: number | undefined;
    readonly newerNoncurrentVersions?: number;
  };
  readonly noncurrentTransitions?: readonly {
    readonly noncurrentDays: number | undefined;
    readonly newerNoncurrentVersions?: number;
    readonly storageClass: string;
  }[];
}

export async function putLifecycle(
  client: Client,
  bucket: string,
  rules: readonly LifecycleRule[],
): Promise<void> {
  if (rules.length === 0) return removeSetting(client, bucket, "lifecycle");
  await putSetting(client, bucket, "lifecycle", "LifecycleConfiguration", { Rule: rules.map(ruleBody) });
}

function ruleBody(rule: LifecycleRule) {
  return {
    ID: rule.id,
    Filter: filterBody(rule.filter),
    Status: rule.status,
    AbortIncompleteMultipartUpload:
      rule.abortAfterDays === undefined ? undefined : { DaysAfterInitiation: rule.abortAfterDays },
    Expiration: rule.expiration && {
      Date: rule.expiration.date,
      // A rule is by date, by days or by marker; Terraform writes 0 days for the others.
      Days: rule.expiration.days || undefined,
      ExpiredObjectDeleteMarker: rule.expiration.expiredObjectDeleteMarker || undefined,
    },
    Transition: (rule.transitions ?? []).map(({ date, days, storageClass }) => ({
      Date: date,
      Days: date === undefined ? (days ?? 0) : undefined,
      StorageClass: storageClass,
    })),
    NoncurrentVersionExpiration: rule.noncurrentExpiration && {
      NoncurrentDays: rule.noncurrentExpiration.noncurrentDays,
      NewerNoncurrentVersions: rule.noncurrentExpiration.newerNoncurrentVersions,
    },
    NoncurrentVersionTransition: (rule.noncurrentTransitions ?? []).map((transition) => ({
      NoncurrentDays: transition.noncurrentDays,
      NewerNoncurrentVersions: transition.newerNoncurrentVersions,
      StorageClass: transition.storageClass,
    })),
  };
}

function filterBody(filter: LifecycleRule["filter"]) {
  const tags = Object.entries(filter.tags ?? {}).map(([Key, Value]) => ({ Key, Value }));
  const parts = {
    Prefix: filter.prefix,
    ObjectSizeGreaterThan: filter.objectSizeGreaterThan,
    ObjectSizeLessThan: filter.objectSizeLessThan,
  };
  const used = Object.values(parts).filter((part) => part !== undefined && part !== "").length + tags.length;
  if (used > 1) return { And: { ...parts, Tag: tags } };
  return tags.length === 1 ? { Tag: tags[0] } : parts;
}
