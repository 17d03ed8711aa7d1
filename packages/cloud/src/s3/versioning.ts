/** GetBucketVersioning and PutBucketVersioning. */
import { childOf, parseXml, textOf } from "../protocol/rest-xml.ts";
import type { Operation } from "../service.ts";
import { bucketAccess } from "./access.ts";
import type { S3Context } from "./context.ts";
import { leftOut, malformedXml } from "./errors.ts";
import { readDocument, s3Operation } from "./input.ts";
import { document, emptyAnswer } from "./protocol.ts";

export function versioningOperations({ buckets }: S3Context): Record<string, Operation> {
  return {
    GetBucketVersioning: s3Operation({
      access: bucketAccess("s3:GetBucketVersioning"),
      run: ({ bucket }) => document("VersioningConfiguration", { Status: buckets.need(bucket).versioning }),
    }),
    PutBucketVersioning: s3Operation({
      access: bucketAccess("s3:PutBucketVersioning"),
      async run(input) {
        const bucket = buckets.need(input.bucket);
        const root = childOf(parseXml(await readDocument(input)), "VersioningConfiguration");
        const status = textOf(root, "Status");
        if (textOf(root, "MfaDelete") === "Enabled") throw leftOut("MFA Delete");
        if (status !== "Enabled" && status !== "Suspended") throw malformedXml();
        buckets.setVersioning(bucket, status);
        return emptyAnswer;
      },
    }),
  };
}
