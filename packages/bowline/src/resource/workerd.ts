/**
 * What `import { Resource } from "bowline"` is in a Cloudflare Worker.
 * @module
 */
// @ts-expect-error: a module of the Workers runtime, which bundlers leave alone
import { env } from "cloudflare:workers";
import { fromCloudflareEnv, type Resource as Links } from "./index.ts";

export type { App, Consumers, Resources, View } from "./index.ts";
export type Resource = Links;
export { fromCloudflareEnv };

/** The resources and bindings this Worker is linked to. */
export const Resource: Links = fromCloudflareEnv(env as object);
