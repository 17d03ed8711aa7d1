/**
 * What handlers import to read the resources they are linked to.
 * @module
 */
import { type Environment, globals } from "./environment.ts";
import { readLinks } from "./links.ts";
import { createResource } from "./resource.ts";
import type { Frozen } from "./types.ts";

/**
 * The links of the app, by name. `bowline types` declares them in `bowline-env.d.ts`:
 * @example
 * declare module "bowline" {
 *   interface Resources {
 *     Uploads: { type: "aws.Bucket"; name: string; arn: string };
 *   }
 * }
 */
// biome-ignore lint/suspicious/noEmptyInterface: it is there to be augmented
export interface Resources {}

/** What each consumer is linked to, by the consumer's name. Declared by `bowline types` as well. */
// biome-ignore lint/suspicious/noEmptyInterface: it is there to be augmented
export interface Consumers {}

/** What the `env` of each Worker holds, by the Worker's name. Declared by `bowline types` as well. */
// biome-ignore lint/suspicious/noEmptyInterface: it is there to be augmented
export interface Envs {}

/**
 * The `env` of the Worker called `Name`.
 * @example
 * export default { fetch: (request, env) => new Response(env.Uploads.name) } satisfies ExportedHandler<Env<"Api">>;
 */
export type Env<Name extends keyof Envs> = Envs[Name];

/** The app that is running. Every consumer has it. */
export interface App {
  readonly name: string;
  readonly stage: string;
}

/** Links that can be read, and nothing else. */
export type View<Links> = Frozen<Links> & { readonly App: App };

/** The type of {@link Resource}. */
export type Resource = View<Resources> & {
  /** The same links, typed as what the consumer called `name` is linked to. */
  for<Name extends keyof Consumers>(name: Name): View<Consumers[Name]>;
};

/**
 * The resources this code is linked to.
 * @example
 * import { Resource } from "bowline";
 * console.log(Resource.App.stage);
 */
export const Resource: Resource = createResource(() => readLinks(globals.process?.env ?? {}));

/**
 * The links in the `env` that a Worker's handler is given, bindings included.
 * @example
 * import { fromCloudflareEnv } from "bowline";
 * export default { fetch: (request, env) => new Response(fromCloudflareEnv(env).App.stage) };
 */
export const fromCloudflareEnv = (env: object): Resource =>
  createResource(() => readLinks(env as Environment));
