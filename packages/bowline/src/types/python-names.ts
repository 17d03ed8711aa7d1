import { BowlineError } from "../error.ts";

/** Reserved in any Python from 3.9 on. */
const KEYWORDS = new Set(
  "False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield".split(
    " ",
  ),
);

const DIGITS = ["Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine"];

/** Methods of `dict`, which an attribute of that name would give instead of the value. */
const DICT_METHODS = new Set(
  "clear copy fromkeys get items keys pop popitem setdefault update values".split(" "),
);

/** `myAPITest` → `MyApiTest`, `XMLParser` → `XmlParser`, `1test` → `OneTest`. */
export function pythonClassName(name: string): string {
  return words(name)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
}

/** `myAPITest` → `my_api_test`, `a-b` → `a_b`, `class` → `class_`. */
export function pythonAttribute(name: string): string {
  const attribute = words(name).join("_");
  return KEYWORDS.has(attribute) ? `${attribute}_` : attribute;
}

/** Whether a name can be read as an attribute of a dictionary of the Python SDK. */
export function isPythonAttribute(name: string): boolean {
  return (
    /^[A-Za-z_]\w*$/.test(name) && !name.startsWith("__") && !KEYWORDS.has(name) && !DICT_METHODS.has(name)
  );
}

/** Its words in lower case, a digit at the start spelled out. Of a name without letters, its code points. */
function words(name: string): string[] {
  const found = name.match(/[A-Z]+(?![a-z])\d*|[A-Z]?[a-z]+\d*|\d+/g) ?? [];
  if (found.length === 0)
    return ["x", ...[...name].map((letter) => (letter.codePointAt(0) ?? 0).toString(16))];
  const [first = "", ...rest] = found;
  const digit = DIGITS[first.charCodeAt(0) - "0".charCodeAt(0)];
  const spelled = digit === undefined ? [first] : [digit, ...(first.length > 1 ? [first.slice(1)] : [])];
  return [...spelled, ...rest].map((word) => word.toLowerCase());
}

/** Refuses names that become one name in Python, and says which. */
export function checkDistinct(
  where: string,
  names: readonly string[],
  convert: (name: string) => string,
): void {
  const seen = new Map<string, string>();
  for (const name of names) {
    const converted = convert(name);
    const other = seen.get(converted);
    if (other !== undefined) {
      throw new BowlineError(
        "python-name-collision",
        `${where}: "${other}" and "${name}" are both called "${converted}" in Python.`,
        { hint: "Rename one of them, or give one another name with `.as(name)`." },
      );
    }
    seen.set(converted, name);
  }
}
