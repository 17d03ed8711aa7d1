/** Patterns of IAM: `*` any run of characters, `?` any one, `${variable}` a value of the request. */

/** Gives the value of a condition key (lower case); undefined where the request has none. */
export type ContextLookup = (key: string) => string | readonly string[] | undefined;

/** Says whether a text matches; the lookup serves the pattern's variables. */
export type Matcher = (text: string, context: ContextLookup) => boolean;

// Wildcards are kept apart from literal characters, because a variable's value may contain `*` as itself.
const star = "\u0001";
const question = "\u0002";

type Part = string | { readonly variable: string; readonly fallback: string | undefined };

/** Splits a pattern into text (wildcards marked) and variables. */
function split(pattern: string, wildcards: boolean, variables: boolean): Part[] {
  const parts: Part[] = [];
  let text = "";
  let at = 0;
  while (at < pattern.length) {
    const character = pattern[at] ?? "";
    const close = variables && character === "$" && pattern[at + 1] === "{" ? pattern.indexOf("}", at) : -1;
    if (close > 0) {
      const inner = pattern.slice(at + 2, close);
      at = close + 1;
      if (inner === "*" || inner === "?" || inner === "$") {
        text += inner;
        continue;
      }
      const [, name = inner, fallback] = /^([^,]*?)\s*(?:,\s*'([^']*)')?\s*$/.exec(inner) ?? [];
      if (text) parts.push(text);
      text = "";
      parts.push({ variable: name.trim().toLowerCase(), fallback });
      continue;
    }
    at++;
    if (wildcards && character === "*") text += star;
    else if (wildcards && character === "?") text += question;
    else text += character;
  }
  if (text || parts.length === 0) parts.push(text);
  return parts;
}

/** The pattern with its variables filled in; undefined when the request lacks one. */
function fill(parts: readonly Part[], context: ContextLookup): string | undefined {
  let text = "";
  for (const part of parts) {
    if (typeof part === "string") {
      text += part;
      continue;
    }
    const value = context(part.variable) ?? part.fallback;
    if (typeof value !== "string") return undefined;
    text += value;
  }
  return text;
}

/** Linear in practice and never exponential: on a mismatch only the last `*` gives way. */
function wild(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let lastStar = -1;
  let resume = 0;
  while (t < text.length) {
    const c = pattern[p];
    if (c === star) {
      lastStar = p++;
      resume = t;
    } else if (c === question || (c !== undefined && c === text[t])) {
      p++;
      t++;
    } else if (lastStar >= 0) {
      p = lastStar + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[p] === star) p++;
  return p === pattern.length;
}

function hasWildcard(text: string): boolean {
  return text.includes(star) || text.includes(question);
}

function fixed(pattern: string): (text: string) => boolean {
  if (!hasWildcard(pattern)) return (text) => text === pattern;
  if (pattern === star) return () => true;
  const head = pattern.slice(0, -1);
  if (pattern.endsWith(star) && !hasWildcard(head)) return (text) => text.startsWith(head);
  return (text) => wild(pattern, text);
}

/** A pattern over plain text. */
export function glob(pattern: string, options: { readonly variables: boolean }): Matcher {
  const parts = split(pattern, true, options.variables);
  if (parts.length === 1 && typeof parts[0] === "string") return fixed(parts[0]);
  return (text, context) => {
    const filled = fill(parts, context);
    return filled !== undefined && wild(filled, text);
  };
}

/** Exactly this text, variables filled in; `*` and `?` stand for themselves. */
export function exactly(
  pattern: string,
  options: { readonly variables: boolean; readonly ignoreCase?: boolean },
): Matcher {
  const same = options.ignoreCase
    ? (a: string, b: string) => a.toLowerCase() === b.toLowerCase()
    : (a: string, b: string) => a === b;
  const parts = split(pattern, false, options.variables);
  const only = parts.length === 1 ? parts[0] : undefined;
  if (typeof only === "string") return (text) => same(text, only);
  return (text, context) => {
    const filled = fill(parts, context);
    return filled !== undefined && same(filled, text);
  };
}

/** An action pattern: `s3:Get*`, without regard to case. The text must be lower case already. */
export function actionGlob(pattern: string): (lowerCaseAction: string) => boolean {
  return fixed(split(pattern.toLowerCase(), true, false).join(""));
}

/** Cuts an ARN into its five leading fields and the rest; undefined when it has fewer. */
function fields(arn: string): string[] | undefined {
  const found: string[] = [];
  let from = 0;
  for (let i = 0; i < 5; i++) {
    const colon = arn.indexOf(":", from);
    if (colon < 0) return undefined;
    found.push(arn.slice(from, colon));
    from = colon + 1;
  }
  found.push(arn.slice(from));
  return found;
}

function wildArn(pattern: string, arn: string): boolean {
  const wanted = fields(pattern);
  const given = fields(arn);
  if (!wanted || !given) return wild(pattern, arn);
  return wanted.every((field, index) => wild(field, given[index] ?? ""));
}

/** An ARN pattern: wildcards stay within the field they stand in. */
export function arnGlob(pattern: string, options: { readonly variables: boolean }): Matcher {
  if (pattern === "*") return () => true;
  const parts = split(pattern, true, options.variables);
  const only = parts.length === 1 ? parts[0] : undefined;
  if (typeof only !== "string") {
    return (text, context) => {
      const filled = fill(parts, context);
      return filled !== undefined && wildArn(filled, text);
    };
  }
  if (!hasWildcard(only)) return (text) => text === only;
  const wanted = fields(only);
  if (!wanted) return fixed(only);
  const rest = fixed(wanted[5] ?? "");
  const leading = wanted.slice(0, 5);
  if (!leading.some(hasWildcard)) {
    const prefix = `${leading.join(":")}:`;
    return (text) => text.startsWith(prefix) && rest(text.slice(prefix.length));
  }
  return (text) => wildArn(only, text);
}

/** Whether the request has a value for every variable of a pattern. */
export function fillable(pattern: string): (context: ContextLookup) => boolean {
  const parts = split(pattern, true, true);
  return (context) => fill(parts, context) !== undefined;
}

/**
 * Whether nobody can say that an ARN pattern matches: its leading fields do, and the request lacks a value for a
 * variable in it.
 */
export function undecidable(pattern: string): Matcher {
  const parts = split(pattern, true, true);
  // Variables stand for anything here, so that only the fields around them are compared.
  const leading = fields(parts.map((part) => (typeof part === "string" ? part : star)).join(""))?.slice(0, 5);
  return (text, context) => {
    if (fill(parts, context) !== undefined) return false;
    const given = fields(text);
    return !leading || !given || leading.every((field, index) => wild(field, given[index] ?? ""));
  };
}
