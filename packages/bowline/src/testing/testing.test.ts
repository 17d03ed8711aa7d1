import { expect, test } from "vitest";
import { Resource } from "../resource/index.ts";
import { withResources } from "./index.ts";

const orders = () => Reflect.get(Reflect.get(Resource, "Orders") as object, "name") as string;

test("a test has exactly the links it states, and App", () => {
  withResources({ Orders: { name: "x" } }, () => {
    expect(orders()).toBe("x");
    expect(Object.keys(Resource)).toEqual(["App", "Orders"]);
    expect(Resource.App.stage).toBe("test");
    expect(() => Reflect.get(Resource, "Other")).toThrow("Resource has App, Orders.");
  });
  expect(orders).toThrow("Resource.Orders is missing");
});

test("tests that run at the same time do not see each other's links", async () => {
  const read = (name: string) =>
    withResources({ Orders: { name } }, async () => {
      await new Promise(setImmediate);
      return orders();
    });
  expect(await Promise.all(["a", "b", "c"].map(read))).toEqual(["a", "b", "c"]);
});

test("links can be added to those there are", () => {
  withResources({ A: { v: 1 } }, () =>
    withResources({ ...Resource, B: { v: 2 } }, () =>
      expect(Object.keys(Resource)).toEqual(["App", "A", "B"]),
    ),
  );
});
