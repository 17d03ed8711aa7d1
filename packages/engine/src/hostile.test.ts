/** Programs and providers that put in what nobody expects: an error or a right result, never a hang or a broken state. */

import type * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import type { Provider } from "./provider.ts";
import { createStage } from "./testing/stage.ts";
import { Group, Thing } from "./testing/things.ts";

const NAMES = [
  "a b",
  "ünïcödé-日本-🎉",
  "with::colons",
  "quote\"'`\\",
  "new\nline\ttab",
  "$dollar$(x)",
  "../../etc/passwd",
  "__proto__",
  "constructor",
  "\u0000nul",
  "x".repeat(2000),
];

describe("names", () => {
  test.for(NAMES)("%j round-trips", async (name) => {
    await using stage = await createStage();
    const program = () => ({ name: new Thing(name, { name: "thing", value: name }).value });
    const result = await stage.up(program);
    expect(result.diagnostics).toEqual([]);
    expect(result.outputs).toEqual({ name });
    expect((await stage.up(program)).changes).toEqual({ same: 2 });
    expect((await stage.destroy()).ok).toBe(true);
    expect(stage.provider.things.size).toBe(0);
  });
});

describe("values", () => {
  const values: Record<string, unknown> = {
    "a megabyte": "é".repeat(1 << 20),
    "every character": Array.from({ length: 0xd7ff }, (_, code) => String.fromCharCode(code)).join(""),
    "empty things": { "": "", list: [], object: {}, nested: [[], [{}]] },
    "odd keys": { constructor: 1, valueOf: 2, hasOwnProperty: 3, "a.b": 4, "a[0]": 5, '"': 6 },
    numbers: [0, -0.5, 1e308, 5e-324, Number.MAX_SAFE_INTEGER],
    "fifty deep": nested(50),
  };
  test.for(Object.entries(values))("%s round-trips", async ([, value]) => {
    await using stage = await createStage();
    const program = () => ({ value: new Thing("thing", { name: "thing", value }).value });
    const result = await stage.up(program);
    expect(result.diagnostics).toEqual([]);
    expect(result.outputs).toEqual({ value });
    expect((await stage.up(program)).changes).toEqual({ same: 2 });
  });

  const refused: Record<string, [unknown, RegExp]> = {
    NaN: [{ x: Number.NaN }, /value\.x is NaN/],
    Infinity: [[Number.NEGATIVE_INFINITY], /value\[0\] is -Infinity/],
    "a cycle": [cyclic(), /Maximum call stack|nested more than/],
    "ten thousand levels": [nested(10_000), /Maximum call stack|nested more than/],
    "six hundred levels": [nested(600), /nested more than 500 levels/],
  };
  test.for(Object.entries(refused))("%s is refused", async ([, [value, message]]) => {
    await using stage = await createStage();
    const result = await stage.up(() => {
      new Thing("bad", { name: "bad", value });
      new Thing("good", { name: "good" });
    });
    expect(result.ok).toBe(false);
    expect(result.diagnostics[0]?.message).toMatch(message);
    expect((await stage.up(() => void new Thing("good", { name: "good" }))).changes).toEqual({ same: 2 });
  });

  test("a __proto__ key pollutes nothing", async () => {
    await using stage = await createStage();
    const value = JSON.parse('{"__proto__": {"polluted": true}, "x": 1}') as unknown;
    const result = await stage.up(() => void new Thing("thing", { name: "thing", value }));
    expect(result.ok).toBe(true);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    expect((await stage.state()).resources.length).toBeGreaterThan(1);
  });
});

describe("many", () => {
  test("resources in one long chain are created and destroyed", async () => {
    await using stage = await createStage();
    const result = await stage.up(() => {
      let previous: pulumi.Output<string> | undefined;
      for (let index = 0; index < 300; index++) {
        previous = new Thing(`t${index}`, { name: `t${index}`, value: previous ?? "first" }).arn;
      }
    });
    expect(result.changes).toEqual({ create: 301 });
    expect((await stage.destroy()).changes).toEqual({ delete: 301 });
  });

  test("levels of components make long URNs, and work", async () => {
    await using stage = await createStage();
    const program = () => {
      let parent: pulumi.Resource | undefined;
      for (let index = 0; index < 100; index++) parent = new Group(`g${index}`, parent ? { parent } : {});
      new Thing("leaf", {}, parent ? { parent } : {});
    };
    expect((await stage.up(program)).ok).toBe(true);
    const urns = (await stage.state()).resources.map(({ urn }) => urn.length);
    expect(Math.max(...urns)).toBeGreaterThan(1600);
    expect((await stage.up(program)).changes).toEqual({ same: 102 });
  });
});

describe("a provider that", () => {
  const answers: Record<string, [unknown, RegExp]> = {
    "answers no id": [{ outputs: {} }, /answered no id/],
    "answers NaN": [{ id: "x", outputs: { n: Number.NaN } }, /\.n is NaN/],
    "answers a function": [{ id: "x", outputs: { f: () => {} } }, /\.f is a function/],
    "answers bytes": [{ id: "x", outputs: { b: new Uint8Array(1) } }, /\.b is binary/],
    "answers a cycle": [{ id: "x", outputs: cyclic() }, /refers to itself/],
    "answers nothing": [undefined, /.+/],
    "answers a list": [{ id: "x", outputs: [] }, /must be an object of properties, not a list/],
  };
  test.for(Object.entries(answers))("%s is told so", async ([, [answer, message]]) => {
    const provider: Provider = {
      name: "test",
      version: "1.0.0",
      resource: () => ({ create: () => answer as { id: string; outputs: Record<string, never> } }),
    };
    await using stage = await createStage({ providers: [provider] });
    const result = await stage.up(() => void new Thing("thing"));
    expect(result.ok).toBe(false);
    expect(result.diagnostics[0]?.message).toMatch(message);
  });
});

function nested(depth: number): unknown {
  let value: unknown = "bottom";
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? { x: value } : [value];
  return value;
}

function cyclic(): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  value.self = value;
  return value;
}
