/** Which records of an event source a mapping's filters let through. */
import { compilePattern, type Json, readPattern } from "../../pattern/pattern.ts";

/** For records whose members are all JSON: DynamoDB's. */
export function recordFilter(patterns: readonly string[]): (record: unknown) => boolean {
  if (patterns.length === 0) return () => true;
  const compiled = patterns.map((pattern) => compilePattern(readPattern(pattern)));
  return (record) => compiled.some((matches) => matches(record as Json));
}

/**
 * For records with a member of text that may be JSON: the `body` of SQS's, the `data` of Kinesis's. A pattern that
 * looks into it wants JSON there, one that compares it as a whole wants plain text; the other kind of record never
 * matches.
 */
export function textFilter<Member extends string>(
  patterns: readonly string[],
  member: Member,
): (record: Readonly<Record<Member, string>>) => boolean {
  if (patterns.length === 0) return () => true;
  const compiled = patterns.map((text) => {
    const pattern = readPattern(text);
    return {
      matches: compilePattern(pattern),
      looksInside: isObject(pattern[member]),
      compares: member in pattern,
    };
  });
  return (record) => {
    const parsed = parse(record[member]);
    return compiled.some(({ matches, looksInside, compares }) => {
      if (compares && looksInside !== isObject(parsed)) return false;
      return matches({ ...record, [member]: looksInside ? parsed : record[member] } as Json);
    });
  };
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
