/** Whether `a` becomes `b` by adding, dropping or changing at most `edits` + 1 letters. */
const near = (a: string, b: string, edits: number): boolean =>
  a === b ||
  (edits >= 0 &&
    (a[0] === b[0]
      ? near(a.slice(1), b.slice(1), edits)
      : [a, a.slice(1)].some((rest) => near(rest, b.slice(1), edits - 1)) || near(a.slice(1), b, edits - 1)));

/**
 * Gives an object a prototype that refuses the properties neither of them has, except those
 * that engines and libraries ask any object for. The object stays plain: it can be cloned and compared.
 */
export const guard = (owner: string, own: object, base: object, check?: () => void): object =>
  Object.setPrototypeOf(
    own,
    new Proxy(base, {
      get(target, key) {
        if (key in target || typeof key === "symbol" || /^(then$|toJSON$|\W)/.test(key)) {
          return Reflect.get(target, key);
        }
        check?.();
        const known = Object.keys(own);
        const meant = known.find((other) => near(key, other, 1));
        throw Error(
          `${owner}.${key} is not linked.${meant ? ` Did you mean ${meant}?` : ""} Linked: ${known.join(", ") || "nothing"}. Add it to "link" in bowline.config.ts.`,
        );
      },
    }),
  );
