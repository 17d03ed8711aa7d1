/** Whether `a` becomes `b` by adding, dropping or changing at most `edits` + 1 letters. */
const near = (a: string, b: string, edits: number): boolean =>
  a === b ||
  // The two bits say which of the words loses its first letter; both do, for nothing, where these are the same.
  (edits >= 0 &&
    [3, 2, 1].some((drop) =>
      near(a.slice(drop & 1), b.slice(drop >> 1), drop > 2 && a[0] === b[0] ? edits : edits - 1),
    ));

/**
 * Gives an object a prototype that refuses the properties neither of them has, except those
 * that engines and libraries ask any object for. The object stays plain: it can be cloned and compared.
 */
export const guard = (owner: string, own: object, base: object, failure?: unknown): object =>
  Object.setPrototypeOf(
    own,
    new Proxy(base, {
      get(target, key) {
        if (key in target || typeof key === "symbol" || /^(then$|toJSON$|\W)/.test(key)) {
          return Reflect.get(target, key);
        }
        const known = Object.keys(own);
        const meant = known.find((other) => near(key, other, 1));
        throw (
          failure ??
          Error(
            `${owner}.${key} is not linked.${meant ? ` Did you mean ${meant}?` : ""} Linked: ${known.join(", ") || "nothing"}. Add it to "link" in bowline.config.ts.`,
          )
        );
      },
    }),
  );
