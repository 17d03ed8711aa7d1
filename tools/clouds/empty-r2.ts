/** R2 deletes no bucket that has anything in it, and its provider does not empty one. */

import type { ResourceState } from "@bowline/engine";
import { openCloudflare } from "../../packages/bowline/src/deploy/pulumi/cloudflare-account.ts";
import { r2Client } from "../../packages/bowline/src/deploy/pulumi/cloudflare-home.ts";
import { bucketObjects } from "../../packages/bowline/src/deploy/pulumi/home-objects.ts";
import { hasCode } from "../../packages/bowline/src/providers/client.ts";

export async function emptyR2(resources: readonly ResourceState[]): Promise<void> {
  const buckets = resources.filter(({ type }) => type === "cloudflare:index/r2Bucket:R2Bucket");
  if (buckets.length === 0) return;
  const client = r2Client(await openCloudflare({}));
  for (const { id: bucket = "" } of buckets) {
    const objects = bucketObjects({ client, bucket, where: bucket, explain: (cause) => cause });
    try {
      for (const key of await objects.list("")) await objects.remove(key);
    } catch (cause) {
      if (!hasCode(cause, "NoSuchBucket")) throw cause;
    }
  }
}
