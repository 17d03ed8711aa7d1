import { output } from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { plainOutputs } from "./plain-outputs.ts";

describe("what a program returns", () => {
  test("keeps what JSON has, and makes text of dates, URLs and large numbers", () => {
    const plain = { a: "x", b: [1, true, null], c: { d: undefined } };
    expect(plainOutputs(plain)).toEqual(plain);
    expect(
      plainOutputs({
        at: new Date(0),
        big: 12_345_678_901_234_567_890n,
        url: new URL("https://example.com/a"),
      }),
    ).toEqual({ at: "1970-01-01T00:00:00.000Z", big: "12345678901234567890", url: "https://example.com/a" });
    expect(plainOutputs(undefined)).toBeUndefined();
  });

  test("what an Output comes to as well", async () => {
    const { at } = plainOutputs({ at: output(1).apply(() => new Date(0)) }) as { at: { promise(): unknown } };
    expect(await at.promise()).toBe("1970-01-01T00:00:00.000Z");
  });

  test.each([
    [{ list: [{ f: () => 1 }] }, "The output list[0].f is a function"],
    [{ s: Symbol("x") }, "The output s is a symbol"],
    [{ m: new Map() }, "The output m is a Map"],
    [{ at: new Date("nonsense") }, "The output at is an invalid Date"],
    [() => 1, "The output of run() is a function"],
  ])("is refused by its name where it has no value: %o", (value, message) => {
    expect(() => plainOutputs(value)).toThrow(message);
  });
});
