/** Which bucket and key a path names. */
import { AwsError } from "../error.ts";

export interface Location {
  readonly bucket: string;
  readonly key: string;
}

const maxKeyBytes = 1024;

/** Virtual-hosted requests come with their bucket already put in the path: see the front door. */
export function locate(path: string): Location {
  const slash = path.indexOf("/", 1);
  if (slash < 0) return { bucket: decode(path.slice(1)), key: "" };
  return { bucket: decode(path.slice(1, slash)), key: decodeKey(path.slice(slash + 1)) };
}

function decodeKey(text: string): string {
  const key = decode(text);
  // Only what may be too long is worth measuring: a character takes three bytes at most.
  if (key.length * 3 > maxKeyBytes && Buffer.byteLength(key) > maxKeyBytes) {
    throw new AwsError("KeyTooLongError", "Your key is too long", 400, {
      Size: Buffer.byteLength(key),
      MaxSizeAllowed: maxKeyBytes,
    });
  }
  return key;
}

function decode(text: string): string {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    throw new AwsError("InvalidURI", "Couldn't parse the specified URI.", 400, { URI: text });
  }
}

/** The source of a copy: `bucket/key` or `/bucket/key`, percent-encoded, with `?versionId=…`. */
export function parseCopySource(header: string): Location & { readonly versionId?: string } {
  const invalid = (message: string) =>
    new AwsError("InvalidArgument", message, 400, {
      ArgumentName: "x-amz-copy-source",
      ArgumentValue: header,
    });
  if (header.includes("arn:aws:s3:")) {
    throw new AwsError(
      "NotImplemented",
      "Copying from an access point or an ARN is not part of the local cloud; name the source as bucket/key.",
      501,
    );
  }
  const mark = header.lastIndexOf("?versionId=");
  const path = (mark < 0 ? header : header.slice(0, mark)).replace(/^\//, "");
  let decoded: string;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    throw invalid("Copy source must be percent-encoded UTF-8");
  }
  const slash = decoded.indexOf("/");
  if (slash <= 0 || slash === decoded.length - 1) {
    throw invalid("Copy Source must mention the source bucket and key: sourcebucket/sourcekey");
  }
  return {
    bucket: decoded.slice(0, slash),
    key: decoded.slice(slash + 1),
    ...(mark < 0 ? undefined : { versionId: header.slice(mark + "?versionId=".length) }),
  };
}
