import { globals } from "./environment.ts";
import { inspect } from "./inspect.ts";

/** An object that stands for the links that `read` gives, and reads them when it is first used. */
export const createResource = <T extends object>(read: () => object): T => {
  let own: object;
  const links = () => {
    own ??= read();
    return globals.$BOWLINE_TEST?.() ?? own;
  };
  const base = {
    for: () => resource,
    [inspect]() {
      try {
        return { ...links() };
      } catch (error) {
        return error;
      }
    },
  };
  // Every trap does to the links what was to be done to the stand-in; `define` and `delete` are refused.
  const handler = {
    get:
      (_base: object, trap: "get") =>
      (target: object, ...rest: [string]) =>
        trap[0] !== "d" && Reflect[trap](rest[0] in target ? target : links(), ...rest),
  };
  const resource = new Proxy(base, new Proxy(base, handler) as object) as T;
  return resource;
};
