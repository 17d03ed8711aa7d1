import { createHash } from "node:crypto";
import type { Client } from "../client.ts";
import { parseXml, toXml, type Xml } from "../xml.ts";
import { bucketPath } from "./settings.ts";

/** Deletes every object, every version and every delete marker of a bucket. */
export async function emptyBucket(client: Client, bucket: string): Promise<void> {
  for (;;) {
    const listing = await client.s3("ListObjectVersions", "GET", bucketPath(bucket), {
      query: { versions: "" },
    });
    const result = parseXml(listing.text).at("ListVersionsResult");
    const found = [...result.all("Version"), ...result.all("DeleteMarker")];
    if (found.length === 0) return;
    await deleteObjects(client, bucket, found);
  }
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
