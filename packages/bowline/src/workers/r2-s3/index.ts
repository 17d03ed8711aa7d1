/**
 * R2's S3 API on this machine: a Worker of ours, beside the app's, on the very buckets that theirs are bound to.
 * @module
 */
import type { R2Bucket } from "@cloudflare/workers-types";
import { answer } from "./answer.ts";
import type { KeyRing } from "./keys.ts";
import { checkSignature } from "./signature.ts";
import { problem, S3Error } from "./xml.ts";

interface Env {
  /** The key ring, as JSON. */
  readonly KEYS: string;
  /** Its buckets, each under its name. */
  readonly [bucket: string]: R2Bucket | string;
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    try {
      const ring = JSON.parse(env.KEYS) as KeyRing;
      const keyId = await checkSignature(request, (id) => ring[id]?.secret);
      const [, name = "", ...rest] = new URL(request.url).pathname.split("/");
      const bucket = env[name];
      if (!ring[keyId]?.buckets.includes(name) || bucket === undefined || typeof bucket === "string") {
        throw new S3Error(403, "AccessDenied", `This key is not for the bucket "${name}".`);
      }
      return await answer(request, bucket, name, decodeURIComponent(rest.join("/")));
    } catch (cause) {
      return problem(cause, request.method);
    }
  },
};
