import { type Environment, globals } from "./environment.ts";
import { guard } from "./guard.ts";
import { inspect } from "./inspect.ts";
import { parse } from "./parse.ts";

/** The variables that are not one link each. */
type Named = "SST_KEY_FILE" | "SST_KEY" | "SST_RESOURCES_JSON";

/**
 * The links of an environment. A later source wins over an earlier.
 * What cannot be read breaks only itself; a source of many links that cannot is listed under its own name.
 */
export const readLinks = (env: Environment): object => {
  const { SST_KEY_FILE: file, SST_KEY: key, SST_RESOURCES_JSON: json } = env as Record<Named, string>;
  const { $SST_LINKS: inline, SST_KEY_FILE_DATA: decrypted } = globals;
  let failure: (() => unknown) | undefined;
  const links = guard("Resource", {}, {}, () => {
    failure?.();
    return ' Add it to "link" in bowline.config.ts.';
  });

  const add = (name: string, get: () => unknown) =>
    Object.defineProperty(links, name, { get, enumerable: true, configurable: true });

  const addLink = (name: string, source: string, text: string, base?: object) => {
    let link: object;
    add(name, () => {
      link ??= Object.freeze(guard(`Resource.${name}`, parse(source, text), base));
      return link;
    });
  };

  /** Adds the links of a source that holds many, whose values a log does not show. */
  const addAll = (source: string, text: string | undefined, secret?: string) => {
    try {
      for (const [name, value] of Object.entries(text ? parse(source, text, secret) : {}))
        addLink(name, `${name} in ${source}`, JSON.stringify(value), { [inspect]: () => `[${value.type}]` });
    } catch (error) {
      failure = () => {
        throw error;
      };
      add(source, failure);
    }
  };

  addAll("$SST_LINKS", JSON.stringify(inline));
  for (const name in env) {
    const value = env[name];
    const link = /^SST_RESOURCE_(.+)/.exec(name)?.[1];
    // A binding of a Worker is not a value but something to call: it is handed on as it is.
    if (Object(value) === value) add(name, () => value);
    else if (value && link) addLink(link, name, value as string);
  }
  addAll("SST_RESOURCES_JSON", json);
  addAll(file, JSON.stringify(decrypted) ?? file, decrypted ? "" : key);
  return links;
};
