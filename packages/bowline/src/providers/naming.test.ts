import type { ResourceContext } from "@bowline/engine";
import { describe, expect, test } from "vitest";
import { differOnlyBySeed, generatedName, looksGenerated, prefixedName } from "./naming.ts";

function contextOf(name: string, seed = 1): ResourceContext {
  return {
    urn: "urn",
    name,
    type: "t",
    project: "shop",
    stack: "dev",
    preview: false,
    config: {},
    randomSeed: new Uint8Array(32).fill(seed),
    signal: new AbortController().signal,
    log: () => {},
  };
}

describe("a generated name", () => {
  test("tells project, stack and resource, and the same seed gives the same name", () => {
    expect(generatedName(contextOf("Api"), { maxLength: 64 })).toBe("shop-dev-Api-0101010");
    expect(generatedName(contextOf("Api", 2), { maxLength: 64 })).toBe("shop-dev-Api-0202020");
  });

  test("is cut before the part that makes it unique, so that it always ends in it", () => {
    const name = generatedName(contextOf("ALongNameForAFunctionThatDoesALot"), { maxLength: 24 });
    expect(name).toBe("shop-dev-ALongNa-0101010");
    expect(name).toHaveLength(24);
  });

  test("takes the service's alphabet, case and suffix", () => {
    expect(
      generatedName(contextOf("Up_Loads.v2"), {
        maxLength: 63,
        lowerCase: true,
        forbidden: /[^A-Za-z0-9-]/g,
      }),
    ).toBe("shop-dev-up-loads-v2-0101010");
    expect(generatedName(contextOf("Jobs"), { maxLength: 80 }, ".fifo")).toBe("shop-dev-Jobs-0101010.fifo");
  });

  test("may begin with what the program asks for", () => {
    expect(prefixedName(contextOf("Api"), "mine-", { maxLength: 64 })).toBe("mine-0101010");
  });

  test("is told from one that was chosen", () => {
    expect(looksGenerated("shop-dev-Api-0a1b2c3")).toBe(true);
    expect(looksGenerated("shop-dev-Jobs-0a1b2c3.fifo")).toBe(true);
    expect(looksGenerated("orders")).toBe(false);
    expect(looksGenerated("my-orders")).toBe(false);
  });

  test("has successors that differ by seed only", () => {
    expect(differOnlyBySeed("shop-dev-Api-0101010", "shop-dev-Api-0202020")).toBe(true);
    expect(differOnlyBySeed("shop-dev-Api-0101010", "shop-dev-Web-0202020")).toBe(false);
    expect(differOnlyBySeed("orders", "shop-dev-Api-0202020")).toBe(false);
  });
});
