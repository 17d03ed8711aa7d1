import { expect, test } from "vitest";
import { fromCloudflareEnv } from "./index.ts";
import { linkEnv } from "./worker-env.ts";

/** What the Workers runtime would hand over. */
const bucket = () => ({ get: () => "an object" });

test("a binding is the link, and has its properties; a link without a binding is there by its name", () => {
  const photos = bucket();
  const env: Record<string, unknown> = {
    Photos: photos,
    SST_RESOURCE_Photos: '{"name":"shop-photos","type":"bowline:cloudflare:Bucket"}',
    SST_RESOURCE_Key: '{"value":"hush","type":"bowline:index:Secret"}',
    SST_RESOURCE_App: '{"name":"shop","stage":"t"}',
    PLAIN: "text",
  };
  const resource = fromCloudflareEnv(linkEnv(env)) as unknown as Record<string, unknown>;
  expect(env.Photos).toBe(photos);
  expect(env.Photos).toMatchObject({ name: "shop-photos", type: "bowline:cloudflare:Bucket" });
  expect(resource.Photos).toBe(photos);
  expect(resource.Key).toBe(env.Key);
  expect(env.Key).toEqual({ value: "hush", type: "bowline:index:Secret" });
  expect(resource.App).toEqual({ name: "shop", stage: "t" });
  expect(() => (env.Key as { valeu: string }).valeu).toThrow("Did you mean value?");
  expect(() => resource.PLAIN).toThrow("Resource.PLAIN is missing");
});

test("a second copy of the SDK finds what the first has made", () => {
  const env = { SST_RESOURCE_Key: '{"value":"hush"}', Photos: bucket(), SST_RESOURCE_Photos: '{"name":"p"}' };
  expect(linkEnv(env)).toBe(linkEnv(env));
});

test("bindings have places in a link, and names may have hyphens", () => {
  const env: Record<string, unknown> = {
    order_queue: { send: () => "sent" },
    SST_RESOURCE_order_queue: '{"name":"orders"}',
    Shared: { get: () => "one" },
    Shared__files: { get: () => "two" },
    Shared__word: "rope",
    SST_RESOURCE_Shared: '{"ttl":60}',
    BOWLINE_BINDINGS:
      '{"order_queue":"order-queue","Shared__files":"Shared.files","Shared__word":"Shared.word"}',
  };
  linkEnv(env);
  expect(env["order-queue"]).toBe(env.order_queue);
  expect(env["order-queue"]).toMatchObject({ name: "orders" });
  expect(env.Shared).toMatchObject({ ttl: 60, files: env.Shared__files, word: "rope" });
});

test("what cannot be read breaks only itself", () => {
  const env: Record<string, unknown> = { SST_RESOURCE_Bad: "{", SST_RESOURCE_Good: '{"value":1}' };
  const resource = fromCloudflareEnv(linkEnv(env)) as unknown as Record<string, { value: number }>;
  expect(resource.Good).toEqual({ value: 1 });
  expect(() => resource.Bad).toThrow("Cannot read SST_RESOURCE_Bad");
});
