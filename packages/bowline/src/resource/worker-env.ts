import type { Environment } from "./environment.ts";
import { guard } from "./guard.ts";
import { parse } from "./parse.ts";

const PREFIX = "SST_RESOURCE_";
/** Where bindings belong whose names in the Worker cannot say it: raw name → `Link` or `Link.part`, as JSON. */
const PATHS = "BOWLINE_BINDINGS";
/** Marks an `env` that is done, for whichever copy of this module meets it next. */
const LINKED = Symbol.for("bowline.env");

type Bindings = Record<string | symbol, unknown>;

const isObject = (value: unknown): value is object => Object(value) === value;

const put = (target: object, key: string | symbol, value: unknown) =>
  Object.defineProperty(target, key, { value, enumerable: typeof key === "string", configurable: true });

/**
 * Makes of a Worker's `env` what its code reads: `env.Uploads` is the R2 binding and has the link's properties,
 * `env.Settings` is the link where there is no binding. Gives all of them by name.
 */
export const linkEnv = (env: Bindings): Environment => {
  if (isObject(env[LINKED])) return env[LINKED] as Environment;
  const text = env[PATHS];
  const paths = (typeof text === "string" ? parse(PATHS, text) : {}) as Record<string, string>;
  const links: Record<string, object | string> = {};
  const parts: Record<string, Record<string, unknown>> = {};
  for (const [raw, value] of Object.entries(env)) {
    const [name = raw, part] = (paths[raw] ?? raw).split(".");
    if (part === undefined) {
      if (isObject(value)) links[name] = value;
    } else parts[name] = { ...parts[name], [part]: value };
  }
  for (const [key, value] of Object.entries(env)) {
    if (!key.startsWith(PREFIX) || typeof value !== "string") continue;
    const raw = key.slice(PREFIX.length);
    const name = paths[raw] ?? raw;
    try {
      const own = { ...parse(key, value), ...parts[name] };
      const binding = links[name];
      if (isObject(binding)) for (const [property, one] of Object.entries(own)) put(binding, property, one);
      else links[name] = Object.freeze(guard(`Resource.${name}`, own));
    } catch {
      // What cannot be read breaks only itself: `Resource` says so when it is read.
      links[key] = value;
    }
  }
  for (const [name, link] of Object.entries(links)) if (isObject(link)) put(env, name, link);
  put(env, LINKED, links);
  return links as Environment;
};
