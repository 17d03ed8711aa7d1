/**
 * What `import { Resource } from "bowline"` is in a browser: an explanation.
 * @module
 */
import type { Resource as Links } from "./index.ts";

export type { App, Consumers, Env, Envs, Resources, View } from "./index.ts";
export type Resource = Links;

const refuse = (key: string | symbol): undefined => {
  if (typeof key === "symbol" || /^(then$|toJSON$|\W)/.test(key)) return undefined;
  throw new Error(
    `Resource.${key} cannot be read in a browser: links are for code on a server. ` +
      "Read it in a server component, a loader or an API route, and pass on only what may be public.",
  );
};

/** Refuses to be read. */
export const Resource: Links = new Proxy({} as Links, {
  get: (_target, key) => refuse(key),
  has: (_target, key) => refuse(key) !== undefined,
  ownKeys: () => refuse("*") ?? [],
});

/** Refuses as {@link Resource} does. */
export const fromCloudflareEnv = (_env: object): Links => Resource;
