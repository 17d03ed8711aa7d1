/** Tags of objects and buckets: their limits, and the two forms they come in. */
import { AwsError } from "../error.ts";
import { childOf, flat, listOf, parseXml, textOf } from "../protocol/rest-xml.ts";
import { invalidArgument, malformedXml } from "./errors.ts";
import type { Tags } from "./object-store.ts";

const invalidTag = (message: string, key?: string) =>
  new AwsError("InvalidTag", message, 400, { TagKey: key });

const allowed = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

function collect(pairs: readonly (readonly [string, string])[], limit: number): Tags {
  if (pairs.length > limit) {
    throw new AwsError(
      "BadRequest",
      `${limit === 10 ? "Object" : "Bucket"} tags cannot be greater than ${limit}`,
    );
  }
  const tags: Record<string, string> = Object.create(null);
  for (const [key, value] of pairs) {
    if (key.length === 0 || key.length > 128 || !allowed.test(key)) {
      throw invalidTag("The TagKey you have provided is invalid", key);
    }
    if (value.length > 256 || !allowed.test(value)) {
      throw invalidTag("The TagValue you have provided is invalid", key);
    }
    if (key.toLowerCase().startsWith("aws:")) {
      throw invalidTag("System tags cannot be added/updated by requester", key);
    }
    if (key in tags) throw invalidTag("Cannot provide multiple Tags with the same key", key);
    tags[key] = value;
  }
  return tags;
}

/** `x-amz-tagging: a=1&b=2`; none makes `undefined`. */
export function tagsOfHeader(header: string | undefined): Tags | undefined {
  if (header === undefined || header === "") return undefined;
  let pairs: [string, string][];
  try {
    pairs = [...new URLSearchParams(header)];
  } catch {
    throw invalidArgument(
      "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.",
      "x-amz-tagging",
      header,
    );
  }
  return orNone(collect(pairs, 10));
}

/** A `<Tagging>` document. */
export function tagsOfDocument(text: string, limit: number): Tags | undefined {
  const set = childOf(childOf(parseXml(text), "Tagging"), "TagSet");
  if (set === undefined) throw malformedXml();
  const pairs = listOf(set.Tag).map((tag) => {
    const key = textOf(tag, "Key");
    const value = textOf(tag, "Value");
    if (key === undefined || value === undefined) throw malformedXml();
    return [key, value] as const;
  });
  return orNone(collect(pairs, limit));
}

const orNone = (tags: Tags): Tags | undefined => (Object.keys(tags).length === 0 ? undefined : tags);

/** The members of a `<Tagging>` document. */
export function tagSet(tags: Tags | undefined): unknown {
  return {
    TagSet: { Tag: flat(Object.entries(tags ?? {}).map(([Key, Value]) => ({ Key, Value }))) },
  };
}

/** Condition keys of a request that sets tags. */
export function requestTagContext(tags: Tags | undefined): Record<string, string | string[]> {
  if (tags === undefined) return {};
  const context: Record<string, string | string[]> = { "s3:RequestObjectTagKeys": Object.keys(tags) };
  for (const [key, value] of Object.entries(tags)) context[`s3:RequestObjectTag/${key}`] = value;
  return context;
}
