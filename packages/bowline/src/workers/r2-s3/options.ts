import { createHash } from "node:crypto";
import type { WorkerOptions } from "miniflare";
import type { StoreObject, TokenObject } from "../objects.ts";
import type { KeyRing } from "./keys.ts";

/** What the Worker is called, among those of apps, whose names begin with the app's. */
export const R2_S3 = "r2-s3";

/** The secret access key that Cloudflare makes of a token. */
export function secretKeyOf({ value }: Pick<TokenObject, "value">): string {
  return createHash("sha256").update(value).digest("hex");
}

/** The Worker that speaks S3, for these tokens. */
export function r2S3Options(
  script: string,
  tokens: readonly TokenObject[],
  buckets: readonly StoreObject[],
): WorkerOptions {
  const ring: KeyRing = Object.fromEntries(
    tokens.map((token) => [token.id, { secret: secretKeyOf(token), buckets: token.buckets }]),
  );
  const named = new Set(tokens.flatMap((token) => token.buckets));
  return {
    name: R2_S3,
    modules: [{ type: "ESModule", path: "r2-s3.mjs", contents: script }],
    compatibilityDate: "2026-07-01",
    unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
    cache: false,
    bindings: { KEYS: JSON.stringify(ring) },
    r2Buckets: Object.fromEntries(
      buckets.flatMap(({ name, data }) => (named.has(name) ? [[name, data] as const] : [])),
    ),
  };
}
