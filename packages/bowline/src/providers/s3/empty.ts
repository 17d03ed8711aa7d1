import { createHash } from "node:crypto";
import type { Client } from "../client.ts";
import { parseXml, toXml, type Xml } from "../xml.ts";
import { bucketPath } from "./settings.ts";

/** Deletes every object, every version and every delete marker of a bucket. */
export async function emptyBucket(client: Client, bucket: string): Promise<void> {
  for (;;) {
    const { found } = await listVersions(client, bucket, {});
    if (found.length === 0) return;
    await deleteObjects(client, bucket, found);
  }
}

/** Deletes an object with all its versions. */
export async function deleteVersions(client: Client, bucket: string, key: string): Promise<void> {
  let after: Readonly<Record<string, string | undefined>> = {};
  for (;;) {
    const page = await listVersions(client, bucket, { prefix: key, ...after });
    const own = page.found.filter((version) => version.at("Key").text === key);
    if (own.length > 0) await deleteObjects(client, bucket, own);
    // Longer keys may share the beginning, but sort after it.
    if (!page.next || own.length < page.found.length) return;
    after = page.next;
  }
}

type Markers = Readonly<Record<string, string | undefined>>;

async function listVersions(
  client: Client,
  bucket: string,
  query: Markers,
): Promise<{ found: readonly Xml[]; next: Markers | undefined }> {
  const listing = await client.s3("ListObjectVersions", "GET", bucketPath(bucket), {
    query: { versions: "", ...query },
  });
  const result = parseXml(listing.text).at("ListVersionsResult");
  return {
    found: [...result.all("Version"), ...result.all("DeleteMarker")],
    next:
      result.at("IsTruncated").text === "true"
        ? {
            "key-marker": result.at("NextKeyMarker").text,
            "version-id-marker": result.at("NextVersionIdMarker").text,
          }
        : undefined,
  };
}

async function deleteObjects(client: Client, bucket: string, objects: readonly Xml[]): Promise<void> {
  const body = toXml({
    Delete: {
      Quiet: true,
      Object: objects.map((object) => ({
        Key: object.at("Key").text,
        VersionId: object.at("VersionId").text,
      })),
    },
  });
  const answer = await client.s3("DeleteObjects", "POST", bucketPath(bucket), {
    query: { delete: "" },
    headers: { "content-md5": createHash("md5").update(body).digest("base64") },
    body,
  });
  const [failure] = parseXml(answer.text).at("DeleteResult").all("Error");
  if (failure) {
    throw new Error(
      `s3:DeleteObjects: ${failure.at("Key").text}: ${failure.at("Code").text}: ${failure.at("Message").text}`,
    );
  }
}
