import type { WorkerOptions } from "miniflare";
import { r2SecretKey } from "../../providers/cloudflare/r2-secret-key.ts";
import type { StoreObject, TokenObject } from "../objects.ts";
import type { KeyRing } from "./keys.ts";

/** What the Worker is called, among those of apps, whose names begin with the app's. */
export const R2_S3 = "r2-s3";

/** The Worker that speaks S3, for these tokens. */
export function r2S3Options(
  script: string,
  tokens: readonly TokenObject[],
  buckets: readonly StoreObject[],
): WorkerOptions {
  const ring: KeyRing = Object.fromEntries(
    tokens.map((token) => [token.id, { secret: r2SecretKey(token.value), buckets: token.buckets }]),
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
