/**
 * What `import { Resource } from "bowline"` is in a Cloudflare Worker.
 * @module
 */
// @ts-expect-error: a module of the Workers runtime, which bundlers leave alone
import { env } from "cloudflare:workers";
import { fromCloudflareEnv as fromLinks, type Resource as Links } from "./index.ts";
import { linkEnv } from "./worker-env.ts";

export type { App, Consumers, Env, Envs, Resources, View } from "./index.ts";
export type Resource = Links;

/** The links in the `env` that a handler is given. */
export const fromCloudflareEnv = (given: object): Links => fromLinks(linkEnv(given as never));

/** The resources and bindings this Worker is linked to; each is what `env` has under its name, too. */
export const Resource: Links = fromCloudflareEnv(env as object);
