/** ACLs as a bucket without them answers: the owner has full control, and nobody can be added. */
import { AwsError } from "../error.ts";
import { childOf, listOf, parseXml, textOf } from "../protocol/rest-xml.ts";
import type { Operation } from "../service.ts";
import { bucketAccess, objectAccess } from "./access.ts";
import type { S3Context } from "./context.ts";
import { malformedXml } from "./errors.ts";
import { readDocument, type S3Input, type S3Output, s3Operation } from "./input.ts";
import { refuseAcl } from "./object-headers.ts";
import { readableVersion } from "./objects.ts";
import { ownerOf } from "./owner.ts";
import { document, emptyAnswer } from "./protocol.ts";

export function aclOperations(s3: S3Context): Record<string, Operation> {
  const owner = ownerOf(s3.hub.accountId);

  const acl = (): S3Output =>
    document("AccessControlPolicy", {
      Owner: owner,
      AccessControlList: {
        Grant: {
          Grantee: {
            "@xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
            "@xsi:type": "CanonicalUser",
            ...owner,
          },
          Permission: "FULL_CONTROL",
        },
      },
    });

  /** Takes what changes nothing; says no to the rest. */
  async function checkUnchanged(input: S3Input): Promise<S3Output> {
    refuseAcl(input.headers);
    if (input.headers["x-amz-acl"] !== undefined) return emptyAnswer;
    const root = childOf(parseXml(await readDocument(input)), "AccessControlPolicy");
    if (root === undefined) throw malformedXml();
    const grants = listOf(childOf(root, "AccessControlList")?.Grant);
    const ownersOnly = grants.every(
      (grant) =>
        textOf(grant, "Permission") === "FULL_CONTROL" &&
        textOf(childOf(grant, "Grantee"), "ID") === owner.ID,
    );
    if (grants.length === 0 || !ownersOnly) {
      throw new AwsError(
        "AccessControlListNotSupported",
        "The bucket does not allow ACLs. Grant access with a bucket policy instead.",
      );
    }
    return emptyAnswer;
  }

  const access = (verb: "Get" | "Put") => (input: S3Input) =>
    objectAccess(s3, input, { current: `s3:${verb}ObjectAcl`, version: `s3:${verb}ObjectVersionAcl` });

  return {
    GetBucketAcl: s3Operation({
      access: bucketAccess("s3:GetBucketAcl"),
      run({ bucket }) {
        s3.buckets.need(bucket);
        return acl();
      },
    }),
    PutBucketAcl: s3Operation({
      access: bucketAccess("s3:PutBucketAcl"),
      run(input) {
        s3.buckets.need(input.bucket);
        return checkUnchanged(input);
      },
    }),
    GetObjectAcl: s3Operation({
      access: access("Get"),
      run({ bucket, key, query }, call) {
        readableVersion(s3, call, { bucket, key, versionId: query.get("versionId") });
        return acl();
      },
    }),
    PutObjectAcl: s3Operation({
      access: access("Put"),
      run(input, call) {
        const { bucket, key, query } = input;
        readableVersion(s3, call, { bucket, key, versionId: query.get("versionId") });
        return checkUnchanged(input);
      },
    }),
  };
}
