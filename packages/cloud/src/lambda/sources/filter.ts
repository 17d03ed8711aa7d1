/** Which records of an event source a mapping's filters let through. */
import { compilePattern, type Json, readPattern } from "../../pattern/pattern.ts";

/** For records whose members are all JSON: DynamoDB's. */
export function recordFilter(patterns: readonly string[]): (record: unknown) => boolean {
  if (patterns.length === 0) return () => true;
  const compiled = patterns.map((pattern) => compilePattern(readPattern(pattern)));
  return (record) => compiled.some((matches) => matches(record as Json));
}

/**
 * For records whose `body` is text that may be JSON: SQS's. A pattern that looks into the body wants JSON there,
 * one that compares the body as a whole wants plain text; the other kind of message never matches.
 */
export function bodyFilter(patterns: readonly string[]): (record: { readonly body: string }) => boolean {
  if (patterns.length === 0) return () => true;
  const compiled = patterns.map((text) => {
    const pattern = readPattern(text);
    return {
      matches: compilePattern(pattern),
      looksInside: isObject(pattern.body),
      comparesBody: "body" in pattern,
    };
  });
  return (record) => {
    const parsed = parseBody(record.body);
    return compiled.some(({ matches, looksInside, comparesBody }) => {
      if (comparesBody && looksInside !== isObject(parsed)) return false;
      return matches({ ...record, body: looksInside ? parsed : record.body } as Json);
    });
  };
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseBody(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
