/** S3's errors, in S3's words. */
import { AwsError } from "../error.ts";

export const noSuchBucket = (bucket: string) =>
  new AwsError("NoSuchBucket", "The specified bucket does not exist", 404, { BucketName: bucket });

export const noSuchKey = (key: string) =>
  new AwsError("NoSuchKey", "The specified key does not exist.", 404, { Key: key });

export const noSuchVersion = (key: string, versionId: string) =>
  new AwsError("NoSuchVersion", "The specified version does not exist.", 404, {
    Key: key,
    VersionId: versionId,
  });

export const noSuchUpload = (uploadId: string) =>
  new AwsError(
    "NoSuchUpload",
    "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
    404,
    { UploadId: uploadId },
  );

export const invalidArgument = (message: string, name?: string, value?: string) =>
  new AwsError("InvalidArgument", message, 400, { ArgumentName: name, ArgumentValue: value });

export const invalidRequest = (message: string) => new AwsError("InvalidRequest", message, 400);

export const malformedXml = () =>
  new AwsError(
    "MalformedXML",
    "The XML you provided was not well-formed or did not validate against our published schema",
  );

export const preconditionFailed = (condition: string) =>
  new AwsError("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412, {
    Condition: condition,
  });

export const accessDenied = (message = "Access Denied") => new AwsError("AccessDenied", message, 403);

export const missingContentLength = () =>
  new AwsError("MissingContentLength", "You must provide the Content-Length HTTP header.", 411);

export const entityTooLarge = (size: number, limit: number) =>
  new AwsError("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", 400, {
    ProposedSize: size,
    MaxSizeAllowed: limit,
  });

export const methodNotAllowed = (method: string, resource: string) =>
  new AwsError("MethodNotAllowed", "The specified method is not allowed against this resource.", 405, {
    Method: method,
    ResourceType: resource,
  });

/** What this S3 leaves out, said in a sentence. */
export const leftOut = (what: string) =>
  new AwsError("NotImplemented", `${what} is not part of the local cloud.`, 501);
