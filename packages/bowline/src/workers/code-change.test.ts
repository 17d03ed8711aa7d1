import { expect, test } from "vitest";
import { appliedOf, codeChange, padded } from "./code-change.ts";
import type { RuntimeOptions } from "./runtime-options.ts";

const options = (code: string, more: object = {}): RuntimeOptions => ({
  workers: [
    {
      name: "api",
      modules: [{ type: "ESModule", path: "worker.mjs", contents: padded(code) }],
      serviceBindings: { other: () => new Response() as never },
      ...more,
    },
  ],
});

const change = (before: RuntimeOptions, after: RuntimeOptions) =>
  codeChange(appliedOf(before), appliedOf(after));

test("other code of about the same length takes the place of the code", () => {
  const [only, ...others] = change(options("one"), options("three ü")) ?? [];
  expect(only?.from.toString().trim()).toBe("one");
  expect(only?.to.toString().trim()).toBe("three ü");
  expect(only?.from.length).toBe(only?.to.length);
  expect(others).toEqual([]);
});

test("without any change there is nothing to do; with any other there is more", () => {
  expect(change(options("one"), options("one"))).toEqual([]);
  expect(change(options("one"), options("two", { bindings: { A: "b" } }))).toBeUndefined();
});
