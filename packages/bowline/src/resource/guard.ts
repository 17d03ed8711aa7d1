/**
 * The parts, with a prototype that refuses the properties neither of them has, except those that engines and libraries
 * ask any object for. The object stays plain: it can be cloned and compared.
 * @param wayOut What to do about a property that is missing; it may throw what explains more.
 */
export const guard = (owner: string, parts: object, base: object = {}, wayOut?: () => string): object => {
  const own: object = {
    __proto__: new Proxy(base as Record<string, unknown>, {
      get(target, key: string) {
        // A symbol is no string, and has no `at`.
        if (key in target || !key.at || /^(then$|toJSON$|\W)/.test(key)) return target[key];
        const known = Object.keys(own);
        const way = wayOut?.() ?? "";
        const meant = known.find((name) => isNear(key, name));
        throw Error(
          `${owner}.${key} is missing.${meant ? ` Did you mean ${meant}?` : ""} ${owner} has ${known.join(", ") || "nothing"}.${way}`,
        );
      },
    }),
    ...parts,
  };
  return own;
};

/** Whether few letters are missing, foreign or more. */
const isNear = (a: string, b: string): boolean =>
  [...a].filter((letter) => !b.includes(letter)).length + Math.abs(a.length - b.length) < 3;
