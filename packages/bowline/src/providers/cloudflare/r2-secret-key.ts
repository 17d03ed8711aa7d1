import { createHash } from "node:crypto";

/** The secret access key that R2's S3 API takes for a token; its access key id is the token's id. */
export function r2SecretKey(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
