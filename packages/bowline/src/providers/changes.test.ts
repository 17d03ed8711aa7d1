import { expect, test } from "vitest";
import { changedPaths, rootOf } from "./changes.ts";

test.each([
  ["nothing", { a: 1, b: [1, { c: "x" }] }, { a: 1, b: [1, { c: "x" }] }, []],
  ["a missing input is like none", { a: null }, {}, []],
  [
    "an inner value",
    { environment: { variables: { A: "1", B: "2" } } },
    { environment: { variables: { A: "1", B: "3" } } },
    ["environment.variables.B"],
  ],
  ["a list item", { a: [1, 2] }, { a: [1, 3] }, ["a[1]"]],
  ["a list's length", { a: [1] }, { a: [1, 2] }, ["a"]],
  ["an input that came and one that went", { a: 1 }, { b: 2 }, ["a", "b"]],
  [
    "an archive elsewhere with the same content",
    { code: { path: "/a", hash: "1" } },
    { code: { path: "/b", hash: "1" } },
    [],
  ],
  [
    "an archive with other content",
    { code: { path: "/a", hash: "1" } },
    { code: { path: "/a", hash: "2" } },
    ["code"],
  ],
  ["another type", { a: "1" }, { a: 1 }, ["a"]],
])("%s", (_what, before, after, paths) => {
  expect(changedPaths(before, after)).toEqual(paths);
});

test("the input a path begins with", () => {
  expect(["a", "a.b", "a[0].b"].map(rootOf)).toEqual(["a", "a", "a"]);
});
