import { inspect } from "./inspect.ts";

/** An object that stands for the links and asks for them only when it is used. It cannot be changed. */
export const createResource = <T extends object>(links: () => object): T => {
  const own = {
    for: () => resource,
    [inspect]() {
      try {
        return { ...links() };
      } catch (error) {
        return error;
      }
    },
  };
  // Every trap does to the links what was to be done to the stand-in, except define and delete.
  const handler = new Proxy(own, {
    get:
      (_own, trap: "get") =>
      (target: object, ...rest: [string]) =>
        trap[0] !== "d" && Reflect[trap](rest[0] in target ? target : links(), ...rest),
  });
  const resource = new Proxy(own, handler as object) as T;
  return resource;
};
