import { inspect } from "node:util";
import { describe, expect, expectTypeOf, test } from "vitest";
import type { View } from "./index.ts";
import { fromCloudflareEnv } from "./index.ts";
import { readLinks } from "./links.ts";
import { createResource } from "./resource.ts";

interface Links {
  Orders: { type: "aws.Dynamo"; name: string; tags: string[]; limits?: { rate: number | null } };
}

const variables = {
  SST_RESOURCE_App: '{"name":"shop","stage":"dev"}',
  SST_RESOURCE_Orders: '{"name":"orders","tags":["a"],"limits":{"rate":5},"type":"aws.Dynamo"}',
};

const resource = (env: Record<string, string | object> = variables) =>
  createResource<View<Links>>(() => readLinks(env));

describe("Resource", () => {
  test("is what JSON, spread, keys, `in` and `await` take it for", async () => {
    const plain = {
      App: { name: "shop", stage: "dev" },
      Orders: { name: "orders", tags: ["a"], limits: { rate: 5 }, type: "aws.Dynamo" },
    };
    expect(JSON.parse(JSON.stringify(resource()))).toEqual(plain);
    expect({ ...resource() }).toEqual(plain);
    expect(structuredClone(resource().Orders)).toEqual(plain.Orders);
    expect(Object.keys(resource())).toEqual(["App", "Orders"]);
    expect("Orders" in resource()).toBe(true);
    expect("Nope" in resource()).toBe(false);
    const one = resource();
    expect(await one).toBe(one);
    expect(await one.Orders).toBe(one.Orders);
    expect(String(one)).toBe("[object Object]");
    expect(Object.hasOwn(one, "Nope")).toBe(false);
  });

  test("cannot be changed, at any depth", () => {
    const one = resource();
    expect(() => Object.assign(one, { Other: 1 })).toThrow(TypeError);
    expect(() => Object.assign(one, { Orders: 1 })).toThrow(TypeError);
    expect(() => Reflect.deleteProperty(one, "Orders")).not.toThrow();
    expect(one.Orders.name).toBe("orders");
    expect(() => Object.assign(one.Orders, { name: "x" })).toThrow(TypeError);
    expect(() => Object.assign(one.Orders.tags, ["x"])).toThrow(TypeError);
    expect(() => Object.assign(Object(one.Orders.limits), { rate: 6 })).toThrow(TypeError);
  });

  test("gives the same link each time", () => {
    const one = resource();
    expect(one.Orders).toBe(one.Orders);
  });

  test("shows what came as a variable in a log, and hides what came encrypted", () => {
    const env = { ...variables, SST_RESOURCES_JSON: '{"Key":{"value":"sk_live","type":"sst.sst.Secret"}}' };
    for (const shown of [inspect(resource(env)), inspect(Reflect.get(resource(env), "Key"))]) {
      expect(shown).toContain("[sst.sst.Secret]");
      expect(shown).not.toContain("sk_live");
    }
    expect(inspect(resource())).toContain("name: 'orders'");
    expect(JSON.stringify(resource(env))).toContain("sk_live");
  });

  test("can be logged when a link is broken", () => {
    expect(inspect(resource({ ...variables, SST_RESOURCE_Bad: "{" }))).toContain(
      "Cannot read SST_RESOURCE_Bad",
    );
  });

  test("names the broken source when everything is asked for", () => {
    const broken = resource({ ...variables, SST_RESOURCES_JSON: "{" });
    expect(() => JSON.stringify(broken)).toThrow("Cannot read SST_RESOURCES_JSON");
    expect(broken.Orders.name).toBe("orders");
  });

  test("does not repeat a value it cannot read", () => {
    const broken = resource({ SST_RESOURCE_Orders: "sk_live_123" });
    expect(() => broken.Orders).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining("sk_live") }),
    );
  });

  test("does not mistake a name for a prototype's", () => {
    const odd = resource({
      SST_RESOURCE___proto__: '{"polluted":true}',
      SST_RESOURCE_A: '{"__proto__":{"x":1}}',
    });
    expect(Reflect.get({}, "polluted")).toBeUndefined();
    expect(() => Reflect.get(Reflect.get(odd, "A"), "x")).toThrow("Resource.A.x is missing");
    expect(Object.keys(odd)).toContain("A");
  });

  test("reads 1,000 links", () => {
    const env = Object.fromEntries(
      Array.from({ length: 1000 }, (_, i) => [`SST_RESOURCE_L${i}`, `{"n":${i}}`]),
    );
    const all = Object.values(resource(env)) as unknown as { n: number }[];
    expect(all.reduce((sum, { n }) => sum + n, 0)).toBe(499_500);
  });

  test("is typed by what is declared", () => {
    const one = resource();
    expectTypeOf(one.Orders.name).toEqualTypeOf<string>();
    expectTypeOf(one.Orders.tags).toEqualTypeOf<readonly string[]>();
    expectTypeOf(one.Orders.limits?.rate).toEqualTypeOf<number | null | undefined>();
    expectTypeOf(one.App.stage).toEqualTypeOf<string>();
    // @ts-expect-error: a property the link does not have
    expect(() => one.Orders.tableName).toThrow(
      "Resource.Orders.tableName is missing. Resource.Orders has name, tags, limits, type.",
    );
    // @ts-expect-error: a name that is not linked
    expect(() => one.Nope).toThrow('Resource.Nope is missing. Resource has App, Orders. Add it to "link"');
  });
});

test("a Worker's env gives its links, and its bindings as they are", () => {
  const bucket = { get: () => "object" };
  const one: object = fromCloudflareEnv({ ...variables, Files: bucket });
  expect(Reflect.get(one, "Files")).toBe(bucket);
  expect(Object.keys(one)).toEqual(["App", "Orders", "Files"]);
});
