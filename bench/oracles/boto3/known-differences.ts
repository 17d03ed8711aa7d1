/** Where the local cloud and moto differ through boto3. AWS agrees with the local cloud in all of them. */
import { isDeepStrictEqual } from "node:util";
import type { Outcome } from "./compare.ts";

/** What AWS refuses and moto takes, or fails at with an internal error: by call and by what we answer. */
const refusals: Readonly<Record<string, string>> = {
  "dynamodb.batch_get_item ValidationException": "AWS refuses a batch of nothing",
  "dynamodb.put_item ValidationException": "moto fails at conditions that AWS refuses",
  "s3.upload_part NoSuchUpload": "moto fails at an upload that is not there",
  "sns.set_subscription_attributes InvalidParameter": "AWS refuses scopes that do not exist",
};

/** Without some members, wherever they are. */
function without(members: readonly string[]): (value: unknown) => unknown {
  const strip = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(strip);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .filter(([name]) => !members.includes(name))
        .map(([name, member]) => [name, strip(member)]),
    );
  };
  return strip;
}

function trimmedNumbers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(trimmedNumbers);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      name === "N" && typeof member === "string" ? String(Number(member)) : trimmedNumbers(member),
    ]),
  );
}

/** What does not count, each with its reason: the answers must be the same but for it. */
const leniences: readonly { readonly why: string; readonly ignore: (value: unknown) => unknown }[] = [
  {
    why: "moto tells capacities and collections nobody asked for, and takes half a unit for a consistent read",
    ignore: without(["ConsumedCapacity", "ItemCollectionMetrics"]),
  },
  { why: "moto keeps the zeros at the end of a number, which AWS trims", ignore: trimmedNumbers },
  { why: "moto gives messages of FIFO queues no sequence number", ignore: without(["SequenceNumber"]) },
  { why: "moto leaves out an empty prefix", ignore: without(["Prefix"]) },
  { why: "moto does not repeat the encoding that boto3 asks for", ignore: without(["EncodingType"]) },
  { why: "moto answers a version where there is no versioning", ignore: without(["VersionId"]) },
  {
    why: "moto describes tables by less, and has them active at once and still when they are deleted",
    ignore: without([
      "IndexArn",
      "IndexSizeBytes",
      "IndexStatus",
      "ItemCount",
      "LastUpdateToPayPerRequestDateTime",
      "NumberOfDecreasesToday",
      "TableId",
      "TableSizeBytes",
      "TableStatus",
    ]),
  },
];

/** Why these two outcomes differ; undefined when nobody knows. */
export function explain(ours: Outcome, moto: Outcome): string | undefined {
  if (ours.error !== undefined) {
    const lenient = moto.error === undefined || moto.status === 500;
    return lenient ? refusals[`${ours.call} ${ours.error}`] : undefined;
  }
  // Since April 2023 AWS blocks public access to every new bucket.
  if (ours.call === "s3.get_public_access_block" && moto.status === 404) {
    return "AWS blocks public access to new buckets";
  }
  const reasons: string[] = [];
  let [mine, other]: [unknown, unknown] = [ours, moto];
  for (const { why, ignore } of leniences) {
    const [less, otherLess] = [ignore(mine), ignore(other)];
    if (isDeepStrictEqual(less, otherLess)) return [...reasons, why].join("; ");
    // Only one that brings them nearer is a reason.
    const helped = isDeepStrictEqual(less, mine) !== isDeepStrictEqual(otherLess, other);
    if (helped) reasons.push(why);
    [mine, other] = [less, otherLess];
  }
  return undefined;
}
