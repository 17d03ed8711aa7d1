/** Remembering what was made of a text, for texts that come again with every request. */

const most = 1000;
const longest = 512;

/** A function that computes once for each text; it forgets all when there are too many, and never keeps a failure. */
export function remember<Value>(compute: (text: string) => Value): (text: string) => Value {
  const known = new Map<string, Value>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const value = compute(text);
    if (known.size >= most) known.clear();
    if (text.length <= longest) known.set(text, value);
    return value;
  };
}
