import { expect, test } from "vitest";
import { circular, findCircle, type Needs } from "./circle.ts";

const needs = (consumer: string, links: readonly string[], early = false): Needs => ({
  consumer,
  early,
  links: links.map((link) => ({ name: link.replace("!", ""), url: link.endsWith("!") })),
});

test("a circle is found wherever it begins, and is told with the way out", () => {
  const all = [needs("A", ["B"]), needs("B", ["C", "Table"]), needs("C", ["D", "B"]), needs("D", [])];
  expect(findCircle(all)).toEqual(["B", "C"]);
  expect(circular(["B", "C"])).toMatchObject({
    message: "B and C wait for each other: none can be made before the other.",
    hint: expect.stringContaining("link: [() => c]"),
  });
});

test("what is reached in two ways is no circle", () => {
  expect(
    findCircle([needs("A", ["B", "C"]), needs("B", ["D"]), needs("C", ["D"]), needs("D", [])]),
  ).toBeUndefined();
});

test("a function known early breaks the circle, but for its URL", () => {
  expect(findCircle([needs("A", ["B"], true), needs("B", ["A"])])).toBeUndefined();
  expect(findCircle([needs("A", ["B"], true), needs("B", ["A!"])])).toEqual(["A", "B"]);
});

test("a function may wait for itself", () => {
  expect(findCircle([needs("A", ["A"])])).toEqual(["A"]);
  expect(findCircle([needs("A", ["A"], true)])).toBeUndefined();
});
