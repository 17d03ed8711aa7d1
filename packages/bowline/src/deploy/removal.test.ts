import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readState, up } from "@bowline/engine";
import * as aws from "@pulumi/aws";
import { secret } from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { type Safeguards, safeguard } from "./removal.ts";

const KEY = new Uint8Array(32).fill(3);

/** What a bucket, its block and a queue come to under these settings. */
async function deployed(settings: Omit<Safeguards, "ready">) {
  const stateDir = await mkdtemp(join(tmpdir(), "bowline-removal-"));
  try {
    const result = await up({
      project: "shop",
      stack: "prod",
      stateDir,
      secretsKey: KEY,
      providers: [],
      unknownTypes: "record",
      program: () => {
        safeguard({ ...settings, ready: Promise.resolve() });
        const bucket = new aws.s3.Bucket("Files", { forceDestroy: false, tags: { key: secret("hidden") } });
        new aws.s3.BucketPublicAccessBlock("Block", { bucket: bucket.id, blockPublicAcls: true });
        new aws.sqs.Queue("Jobs", {});
      },
    });
    expect(result.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
    const { resources } = await readState(stateDir, KEY);
    return Object.fromEntries(resources.map((resource) => [resource.urn.split("::")[3], resource]));
  } finally {
    await rm(stateDir, { recursive: true });
  }
}

test("data is retained, with what protects it; the rest is not", async () => {
  const { Files, Block, Jobs } = await deployed({ removal: "retain", protect: false });
  expect([Files, Block, Jobs].map((resource) => resource?.retainOnDelete ?? false)).toEqual([
    true,
    true,
    false,
  ]);
  expect(Files?.inputs).toMatchObject({ forceDestroy: false, tags: { value: { key: "hidden" } } });
});

test("data is removed, buckets emptied, where that is asked for", async () => {
  const { Files, Block } = await deployed({ removal: "remove", protect: false });
  expect([Files, Block].map((resource) => resource?.retainOnDelete ?? false)).toEqual([false, false]);
  expect(Files?.inputs).toMatchObject({ forceDestroy: true });
});

test("everything is protected where that is asked for", async () => {
  const { Files, Jobs } = await deployed({ removal: "retain", protect: true });
  expect([Files, Jobs].map((resource) => resource?.protect ?? false)).toEqual([true, true]);
});
