import { describe, expect, it } from "vitest";
import { compilePattern, type Json, PatternError, readPattern } from "./pattern.ts";

function matches(pattern: object, event: Json): boolean {
  return compilePattern(readPattern(JSON.stringify(pattern)))(event);
}

describe("a pattern", () => {
  it.each<[object, Json, boolean]>([
    [{ a: ["x", 1, null, true] }, { a: "x" }, true],
    [{ a: ["x", 1, null, true] }, { a: null }, true],
    [{ a: ["1"] }, { a: 1 }, false],
    [{ a: ["x"], b: ["y"] }, { a: "x" }, false],
    [{ a: ["x"] }, { a: ["w", "x"] }, true],
    [{ a: { b: ["x"] } }, { a: { b: "x", c: 1 } }, true],
    [{ a: { b: ["x"], c: ["y"] } }, { a: [{ b: "x" }, { c: "y" }] }, false],
    [{ a: { b: ["x"], c: ["y"] } }, { a: [{ b: "w" }, { b: "x", c: "y" }] }, true],
    [{ a: [{ prefix: "ab" }] }, { a: "abc" }, true],
    [{ a: [{ prefix: { "equals-ignore-case": "AB" } }] }, { a: "abc" }, true],
    [{ a: [{ suffix: ".png" }] }, { a: "x.png" }, true],
    [{ a: [{ "equals-ignore-case": "ABC" }] }, { a: "abc" }, true],
    [{ a: [{ wildcard: "a*c*e" }] }, { a: "abcde" }, true],
    [{ a: [{ wildcard: "ab*ba" }] }, { a: "aba" }, false],
    [{ a: [{ wildcard: "a\\*" }] }, { a: "a*" }, true],
    [{ a: [{ numeric: [">", 0, "<=", 5] }] }, { a: 5 }, true],
    [{ a: [{ numeric: [">", 0, "<=", 5] }] }, { a: "5" }, false],
    [{ a: [{ cidr: "10.0.0.0/24" }] }, { a: "10.0.0.255" }, true],
    [{ a: [{ cidr: "10.0.0.0/24" }] }, { a: "10.0.1.0" }, false],
    [{ a: [{ cidr: "2001:db8::/32" }] }, { a: "2001:db8::1" }, true],
    [{ a: [{ "anything-but": ["x", "y"] }] }, { a: "z" }, true],
    [{ a: [{ "anything-but": "x" }] }, { a: "x" }, false],
    [{ a: [{ "anything-but": "x" }] }, {}, false],
    [{ a: [{ "anything-but": { prefix: "x" } }] }, { a: "xy" }, false],
    [{ a: [{ "anything-but": { suffix: ["x", "y"] } }] }, { a: "az" }, true],
    [{ a: [{ exists: true }] }, { a: null }, true],
    [{ a: [{ exists: false }] }, { b: 1 }, true],
    [{ a: [{ exists: true }] }, { a: { b: 1 } }, false],
    [{ a: { b: [{ exists: false }] } }, {}, true],
    [{ $or: [{ a: [1] }, { b: [2] }], c: [3] }, { b: 2, c: 3 }, true],
    [{ $or: [{ a: [1] }, { b: [2] }] }, { a: 2, b: 1 }, false],
    [{ constructor: ["x"] }, {}, false],
  ])("%j on %j: %j", (pattern, event, expected) => {
    expect(matches(pattern, event)).toBe(expected);
  });

  it.each([
    [{ a: "x" }, /must be an object or an array/],
    [{ a: [] }, /Empty arrays/],
    [{ a: [{ nonsense: 1 }] }, /Unrecognized match type nonsense/],
    [{ a: [{ numeric: [">", "1"] }] }, /must be numeric/],
    [{ a: [{ numeric: ["<", 1, ">", 2] }] }, /range/],
    [{ a: [{ cidr: "10.0.0.0/99" }] }, /Malformed CIDR/],
    [{ a: [{ wildcard: "a**" }] }, /Consecutive wildcard/],
    [{ a: [{ "anything-but": ["x", 1] }] }, /all values are numbers or strings/],
    [{ a: [{ exists: "yes" }] }, /either true or false/],
  ])("%j makes no sense", (pattern, reason) => {
    expect(() => matches(pattern, {})).toThrow(reason);
    expect(() => matches(pattern, {})).toThrow(PatternError);
  });
});
