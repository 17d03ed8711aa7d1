import type { Call } from "./call.ts";
import { type Element, xml } from "./xml.ts";

/** ListObjectsV2, and what asks as the first version does. */
export async function list({ bucket, bucketName, query }: Call): Promise<Response> {
  const encoded = query.get("encoding-type") === "url";
  const name = (text: string) => (encoded ? encodeURIComponent(text).replaceAll("%2F", "/") : text);
  const asked = (parameter: string) => query.get(parameter) ?? undefined;
  const limit = Math.min(Number(asked("max-keys") ?? 1000), 1000);
  const prefix = asked("prefix");
  const delimiter = asked("delimiter");
  const cursor = asked("continuation-token");
  const startAfter = asked("start-after") ?? asked("marker");
  const found = await bucket.list({
    limit,
    ...(prefix === undefined ? {} : { prefix }),
    ...(delimiter === undefined ? {} : { delimiter }),
    ...(cursor === undefined ? {} : { cursor }),
    ...(startAfter === undefined ? {} : { startAfter }),
  });
  return xml("ListBucketResult", [
    ["Name", bucketName],
    ["Prefix", name(prefix ?? "")],
    ...(delimiter === undefined ? [] : [["Delimiter", name(delimiter)] as const]),
    ...(encoded ? [["EncodingType", "url"] as const] : []),
    ["MaxKeys", limit],
    ["KeyCount", found.objects.length + found.delimitedPrefixes.length],
    ["IsTruncated", String(found.truncated)],
    ...(found.truncated ? [["NextContinuationToken", found.cursor] as const] : []),
    ...found.objects.map(
      (object): Element => [
        "Contents",
        [
          ["Key", name(object.key)],
          ["LastModified", object.uploaded.toISOString()],
          ["ETag", object.httpEtag],
          ["Size", object.size],
          ["StorageClass", "STANDARD"],
        ],
      ],
    ),
    ...found.delimitedPrefixes.map((common): Element => ["CommonPrefixes", [["Prefix", name(common)]]]),
  ]);
}
