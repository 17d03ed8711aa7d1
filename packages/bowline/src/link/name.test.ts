import { expect, test } from "vitest";
import { checkName, nameKey } from "./name.ts";

test.each(["Uploads", "order-queue", "a", "A_1"])("%s is a name", (name) => {
  expect(checkName(name, "A bucket")).toBe(name);
});

test.each([
  ["", "cannot be a name"],
  ["1st", "cannot be a name"],
  ["a b", "cannot be a name"],
  ["a.b", "cannot be a name"],
  ["__proto__", "cannot be a name"],
  ["é", "cannot be a name"],
  [undefined, "cannot be a name"],
  ["x".repeat(65), "65 characters"],
  ["app", "reserved"],
  ["APP", "reserved"],
  ["constructor", "could not read"],
  ["items", "could not read"],
])("%s is refused: %s", (name, message) => {
  expect(() => checkName(name, "A bucket")).toThrow(message);
});

test("case, and - or _, tell no names apart", () => {
  expect(nameKey("My-Table")).toBe(nameKey("my_table"));
});
