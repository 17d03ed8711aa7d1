import { createDecipheriv } from "node:crypto";
import { describe, expect, test } from "vitest";
import { encryptPayload, type LinkValue, placeInLambda } from "./payload.ts";

const stageKey = new Uint8Array(32).fill(7);
const link = (name: string, value: Record<string, unknown>, sensitive = false): LinkValue => ({
  name,
  value,
  sensitive,
});
const place = (links: LinkValue[], used = 0) => placeInLambda(links, { consumer: "Api", stageKey, used });

describe("placing values in a Lambda function", () => {
  test("what is no secret and fits is a plain variable", () => {
    expect(place([link("Orders", { name: "orders-1", type: "table" })])).toEqual({
      variables: { SST_RESOURCE_Orders: '{"name":"orders-1","type":"table"}' },
      file: undefined,
    });
  });

  test("a secret goes into the encrypted file, and the key beside it opens it", () => {
    const { variables, file } = place([
      link("Key", { value: "hunter2" }, true),
      link("Orders", { name: "o" }),
    ]);
    expect(Object.keys(variables)).toEqual(["SST_RESOURCE_Orders", "SST_KEY", "SST_KEY_FILE"]);
    expect(JSON.stringify(variables)).not.toContain("hunter2");
    expect(decryptPayload(file ?? new Uint8Array(), Buffer.from(variables.SST_KEY ?? "", "base64"))).toEqual({
      Key: { value: "hunter2" },
    });
  });

  test("a name that no variable of Lambda may have goes into the file", () => {
    const { variables, file } = place([link("custom-config", { url: "u" }), link("Orders", { name: "o" })]);
    expect(Object.keys(variables)).toEqual(["SST_RESOURCE_Orders", "SST_KEY", "SST_KEY_FILE"]);
    expect(decryptPayload(file ?? new Uint8Array(), Buffer.from(variables.SST_KEY ?? "", "base64"))).toEqual({
      "custom-config": { url: "u" },
    });
  });

  test("a thousand links stay within Lambda's 4 KB, the rest in the file", () => {
    const { variables, file } = place(
      Array.from({ length: 1000 }, (_, i) => link(`Link${i}`, { name: `resource-${i}` })),
    );
    // Lambda measures the JSON, in which the values' own quotes are escaped.
    expect(JSON.stringify(variables).length).toBeLessThanOrEqual(4096);
    expect(JSON.stringify(variables).length).toBeGreaterThan(3900);
    const inFile = Object.keys(
      decryptPayload(file ?? new Uint8Array(), Buffer.from(variables.SST_KEY ?? "", "base64")),
    );
    expect(inFile.length + Object.keys(variables).length - 2).toBe(1000);
  });

  test("what the function's own variables take is not used twice", () => {
    expect(place([link("A", { text: "x".repeat(500) })], 3800).file).toBeDefined();
  });
});

describe("payload keys", () => {
  test("an unchanged payload is the same to the byte; any change makes another key", () => {
    const one = encryptPayload({ Key: { value: "a" } }, "Api", stageKey);
    expect(encryptPayload({ Key: { value: "a" } }, "Api", stageKey)).toEqual(one);
    expect(encryptPayload({ Key: { value: "b" } }, "Api", stageKey).key).not.toEqual(one.key);
    expect(encryptPayload({ Key: { value: "a" } }, "Other", stageKey).key).not.toEqual(one.key);
  });

  test("a file that was tampered with does not open", () => {
    const { key, file } = encryptPayload({ Key: { value: "a" } }, "Api", stageKey);
    file[0] = (file[0] ?? 0) ^ 1;
    expect(() => decryptPayload(file, key)).toThrow();
  });
});

/** What the SDKs do. */
function decryptPayload(file: Uint8Array, key: Uint8Array): Record<string, unknown> {
  const decipher = createDecipheriv("aes-256-gcm", key, Buffer.alloc(12));
  decipher.setAuthTag(file.subarray(-16));
  const text = Buffer.concat([decipher.update(file.subarray(0, -16)), decipher.final()]).toString("utf8");
  return JSON.parse(text) as Record<string, unknown>;
}
