import { expect, it } from "vitest";
import { createTurns } from "./async-turns.ts";

it("starts as many as are reserved, and one where nothing is", () => {
  const reserved: Record<string, number> = { few: 2, none: 0 };
  const turns = createTurns((name) => reserved[name]);
  expect(turns.room("any", 0)).toBe(Number.POSITIVE_INFINITY);
  expect(turns.room("few", 0)).toBe(2);
  turns.began("few");
  expect(turns.room("few", 0)).toBe(1);
  turns.began("few");
  expect(turns.room("few", 0)).toBe(0);
  turns.ended("few");
  expect(turns.room("few", 0)).toBe(1);
  // It learns that it is too old, if it is.
  expect(turns.room("none", 0)).toBe(1);
});

it("leaves a function alone that was turned away, until one of its own has ended", () => {
  const turns = createTurns(() => 5);
  turns.began("f");
  turns.began("f");
  turns.ended("f", 1000);
  expect(turns.room("f", 999)).toBe(0);
  expect(turns.opens(999)).toBe(1000);
  expect(turns.room("f", 1000)).toBe(4);
  expect(turns.opens(1000)).toBeUndefined();
  turns.ended("f");
  expect(turns.room("f", 999)).toBe(5);
});

it("lets functions take turns, and forgets those nothing waits for", () => {
  const turns = createTurns(() => undefined);
  for (const name of ["a", "b", "c"]) turns.add(name);
  turns.began("a");
  expect(turns.names()).toEqual(["b", "c", "a"]);
  turns.forget("a");
  turns.forget("b");
  expect(turns.names()).toEqual(["c", "a"]);
});
