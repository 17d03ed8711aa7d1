/** CreateBucket, DeleteBucket, HeadBucket, ListBuckets, GetBucketLocation. */
import { AwsError } from "../error.ts";
import { childOf, flat, parseXml, textOf } from "../protocol/rest-xml.ts";
import type { Call, Operation } from "../service.ts";
import { bucketAccess } from "./access.ts";
import { checkBucketName } from "./bucket-names.ts";
import type { SettingName } from "./bucket-store.ts";
import type { S3Context } from "./context.ts";
import { leftOut, malformedXml } from "./errors.ts";
import { bucketArn, readDocument, type S3Input, type S3Output, s3Operation, wholeNumber } from "./input.ts";
import { listedTime } from "./list.ts";
import { refuseAcl } from "./object-headers.ts";
import { ownerOf } from "./owner.ts";
import { document, noContent } from "./protocol.ts";
import { initialSettings } from "./settings.ts";

export function bucketOperations(s3: S3Context): Record<string, Operation> {
  const { buckets, hub } = s3;

  async function createBucket(input: S3Input, call: Call): Promise<S3Output> {
    const { bucket: name, headers, body } = input;
    checkBucketName(name);
    refuseAcl(headers);
    if (headers["x-amz-bucket-object-lock-enabled"]?.toLowerCase() === "true") {
      throw leftOut("Object Lock (x-amz-bucket-object-lock-enabled)");
    }
    const region = body.length === 0 || body.length === undefined ? undefined : await locationIn(input);
    checkRegion(region, call.region);
    const existing = buckets.find(name);
    if (existing !== undefined) {
      // In us-east-1 making one's own bucket again succeeds and changes nothing; elsewhere it is an error.
      if (existing.region === "us-east-1" && (region ?? call.region) === "us-east-1") return created(name);
      throw new AwsError(
        "BucketAlreadyOwnedByYou",
        "Your previous request to create the named bucket succeeded and you already own it.",
        409,
        { BucketName: name },
      );
    }
    s3.transactions.atomically(() => {
      const bucket = buckets.create(name, region ?? call.region, call.time);
      for (const [setting, value] of Object.entries(initialSettings)) {
        buckets.setSetting(bucket, setting as SettingName, value);
      }
    });
    return created(name);
  }

  const created = (name: string): S3Output => ({
    status: 200,
    headers: { location: `/${name}`, "x-amz-bucket-arn": bucketArn(name) },
  });

  function deleteBucket({ bucket: name }: S3Input): S3Output {
    const bucket = buckets.need(name);
    if (!s3.objects.isEmpty(bucket)) {
      throw new AwsError("BucketNotEmpty", "The bucket you tried to delete is not empty", 409, {
        BucketName: name,
      });
    }
    s3.transactions.atomically(() => {
      s3.uploads.removeAll(bucket);
      buckets.remove(bucket);
    });
    return noContent;
  }

  function listBuckets({ query }: S3Input): S3Output {
    const prefix = query.get("prefix") ?? "";
    const limit = wholeNumber(query.get("max-buckets"), "max-buckets", 1, 10_000) ?? 10_000;
    const token = query.get("continuation-token");
    const region = query.get("bucket-region");
    const after = token === null ? "" : Buffer.from(token, "base64url").toString("utf8");
    const matching = buckets
      .all()
      .filter(
        (bucket) =>
          bucket.name.startsWith(prefix) &&
          bucket.name > after &&
          (region === null || bucket.region === region),
      );
    const page = matching.slice(0, limit);
    const last = page.at(-1);
    return document("ListAllMyBucketsResult", {
      Owner: ownerOf(hub.accountId),
      Buckets: {
        Bucket: flat(
          page.map((bucket) => ({
            Name: bucket.name,
            CreationDate: listedTime(bucket.created),
            BucketRegion: bucket.region,
            BucketArn: bucketArn(bucket.name),
          })),
        ),
      },
      ContinuationToken:
        last !== undefined && page.length < matching.length
          ? Buffer.from(last.name).toString("base64url")
          : undefined,
      Prefix: prefix === "" ? undefined : prefix,
    });
  }

  return {
    CreateBucket: s3Operation({ access: bucketAccess("s3:CreateBucket"), run: createBucket }),
    DeleteBucket: s3Operation({ access: bucketAccess("s3:DeleteBucket"), run: deleteBucket }),
    HeadBucket: s3Operation({
      access: bucketAccess("s3:ListBucket"),
      run({ bucket }) {
        const { region, name } = buckets.need(bucket);
        return {
          status: 200,
          headers: {
            "x-amz-bucket-region": region,
            "x-amz-bucket-arn": bucketArn(name),
            "x-amz-access-point-alias": "false",
            "content-type": "application/xml",
          },
        };
      },
    }),
    ListBuckets: s3Operation({
      access: () => [{ action: "s3:ListAllMyBuckets", resource: "*" }],
      run: listBuckets,
    }),
    GetBucketLocation: s3Operation({
      access: bucketAccess("s3:GetBucketLocation"),
      run({ bucket }) {
        const { region } = buckets.need(bucket);
        return document("LocationConstraint", region === "us-east-1" ? undefined : region);
      },
    }),
  };
}

async function locationIn(input: S3Input): Promise<string | undefined> {
  const root = parseXml(await readDocument(input));
  const configuration = childOf(root, "CreateBucketConfiguration");
  if (configuration === undefined) throw malformedXml();
  if (configuration.Location !== undefined || configuration.Bucket !== undefined) {
    throw leftOut("Directory buckets");
  }
  return textOf(configuration, "LocationConstraint") || undefined;
}

/** The request goes to a region; the constraint must name the same one, as it does at AWS. */
function checkRegion(constraint: string | undefined, region: string): void {
  if (constraint !== undefined && !/^([a-z]{2}(-[a-z]+)+-\d|EU)$/.test(constraint)) {
    throw new AwsError("InvalidLocationConstraint", "The specified location-constraint is not valid", 400, {
      LocationConstraint: constraint,
    });
  }
  if (constraint === "us-east-1") {
    throw new AwsError("InvalidLocationConstraint", "The specified location-constraint is not valid", 400, {
      LocationConstraint: constraint,
    });
  }
  const unspecified = constraint === undefined && region !== "us-east-1";
  const elsewhere = constraint !== undefined && region !== "us-east-1" && constraint !== region;
  if (unspecified || elsewhere) {
    throw new AwsError(
      "IllegalLocationConstraintException",
      `The ${constraint ?? "unspecified"} location constraint is incompatible for the region specific endpoint this request was sent to.`,
    );
  }
}
