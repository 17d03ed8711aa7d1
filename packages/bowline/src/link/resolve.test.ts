import { output, secret } from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { environment, permission } from "./include.ts";
import { Link } from "./link.ts";
import { defineLink } from "./linkable.ts";
import { type ResolvedLink, resolveLinks } from "./resolve.ts";

const table = new Link({
  name: "Orders",
  type: "test:Table",
  properties: { name: output("orders-1"), arn: "arn:orders" },
  include: [permission({ actions: ["dynamodb:GetItem"], resources: [output("arn:orders")] })],
});

function resolve(items: unknown): Promise<ResolvedLink[]> {
  return new Promise((done, fail) => {
    try {
      resolveLinks("Api", items).apply(done);
    } catch (cause) {
      fail(cause);
    }
  });
}

describe("resolving a consumer's links", () => {
  test("lists nest, and Outputs of links are links", async () => {
    const other = new Link({ name: "Other", type: "t", properties: {} });
    const links = await resolve([[table], output(Promise.resolve([other]))]);
    expect(links.map((link) => link.name)).toEqual(["Orders", "Other"]);
    expect(links[0]).toMatchObject({
      value: { name: "orders-1", arn: "arn:orders", type: "test:Table" },
      sensitive: false,
      statements: [{ effect: "Allow", actions: ["dynamodb:GetItem"], resources: ["arn:orders"] }],
    });
  });

  test("what comes in a secret Output is sensitive", async () => {
    const key = new Link({ name: "Key", type: "t", properties: { value: secret("x") } });
    expect((await resolve([output([key])]))[0]).toMatchObject({ value: { value: "x" }, sensitive: true });
  });

  test("a secret property makes its link sensitive, and only that link", async () => {
    const key = new Link({ name: "Key", type: "t", properties: { value: secret("x") } });
    const links = await resolve([key, table]);
    expect(links.map((link) => [link.name, link.sensitive])).toEqual([
      ["Key", true],
      ["Orders", false],
    ]);
  });

  test("the same link twice merges its permissions", async () => {
    const write = table.withPermissions(
      permission({ actions: ["dynamodb:PutItem"], resources: ["arn:orders"] }),
    );
    const [merged, ...rest] = await resolve([table, write]);
    expect(rest).toEqual([]);
    expect(merged?.statements.flatMap((statement) => statement.actions)).toEqual([
      "dynamodb:GetItem",
      "dynamodb:PutItem",
    ]);
  });

  test.each([
    [undefined, "Api: link[0] is undefined."],
    [null, "Api: link[0] is null."],
    ["Orders", 'Api: link[0] is "Orders", which cannot be linked.'],
    [{ name: "x" }, "Api: link[0] is a Object, which cannot be linked."],
  ])("%s in the list is an error that names the consumer and the place", (item, message) => {
    expect(() => resolveLinks("Api", [item])).toThrow(message);
  });

  test("a nested mistake is named by its place", () => {
    expect(() => resolveLinks("Api", [table, [table, undefined]])).toThrow("Api: link[1][1] is undefined.");
  });

  test("something that is no list is an error", () => {
    expect(() => resolveLinks("Api", table)).toThrow("Api: link is a Link, and should be a list.");
  });

  test("a property called type is refused, because Resource.Orders.type is the resource's own", () => {
    expect(() => resolveLinks("Api", [table.addProperties({ type: "mine" })])).toThrow(
      'has a property called "type"',
    );
  });

  test("environment that comes along is kept apart from the value", async () => {
    const link = new Link({
      name: "A",
      type: "t",
      properties: {},
      include: [environment({ MODE: output("fast") })],
    });
    expect((await resolve([link]))[0]?.environment).toEqual({ MODE: "fast" });
  });

  test("a class said to be linkable is found along the prototype chain", async () => {
    class Base {
      readonly __name = "Wrapped";
      readonly __pulumiType = "x:y:Z";
    }
    class Derived extends Base {}
    defineLink(Base, (resource) => ({ properties: { same: resource.__name } }));
    expect((await resolve([new Derived()]))[0]).toMatchObject({
      name: "Wrapped",
      value: { same: "Wrapped", type: "x:y:Z" },
    });
  });
});

describe("modifiers", () => {
  test("leave the original as it was", async () => {
    const changed = table
      .withProperties({ only: 1 })
      .addProperties({ more: true })
      .removeProperties("only", "absent" as never)
      .as("Mine");
    expect(await resolve([changed])).toMatchObject([
      { name: "Mine", value: { more: true, type: "test:Table" } },
    ]);
    expect(Object.keys(table.properties)).toEqual(["name", "arn"]);
    expect(table.name).toBe("Orders");
  });

  test("addPermissions adds, withPermissions replaces and keeps the environment", () => {
    const grant = permission({ actions: ["a:B"], resources: ["*"] });
    const link = new Link({ name: "A", type: "t", properties: {}, include: [environment({ X: "1" })] });
    expect(link.addPermissions(grant).include).toHaveLength(2);
    expect(link.addPermissions(grant).withPermissions().include).toEqual([environment({ X: "1" })]);
  });
});

test("permissions and properties can be added to a link that has none", () => {
  const bare = new Link({ name: "A", type: "t", properties: {} });
  const grant = permission({ actions: ["a:B"], resources: ["*"] });
  expect(bare.addPermissions(grant).include).toEqual([grant]);
  expect(bare.addProperties({ url: "x" }).properties).toEqual({ url: "x" });
  expect(bare.include).toEqual([]);
});
