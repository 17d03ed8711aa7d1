/**
 * The JSON object in a text, frozen all the way down.
 * The error names where the text came from and never repeats it: it may be a secret.
 */
export const parse = (source: string, load: () => string): object => {
  try {
    const value: unknown = JSON.parse(load(), (_key, inner) => Object.freeze(inner));
    if (Object(value) === value && !Array.isArray(value)) return value as object;
  } catch {}
  throw Error(`Cannot read ${source}: missing, damaged or not a JSON object. Deploy again.`);
};
