import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { type Input, isSecret, output } from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { collectLinks } from "../../link/linkable.ts";
import { Bucket } from "./bucket.ts";
import { withR2Access } from "./r2-access.ts";
import { askedOfCloudflare, resolved } from "./testing.ts";

test("in the cloud a function gets a token for the objects of just its buckets, as the key of an S3 client", async () => {
  const seen: Record<string, unknown> = {};
  const { resources, warnings } = await askedOfCloudflare(tmpdir(), async (app) => {
    const photos = new Bucket("Photos");
    const archive = new Bucket("Archive");
    const late = new Bucket("Late");
    new Bucket("Other");
    const items = withR2Access(app, "Job", [photos, [archive.link().as("Old")], () => late], {});
    const { links } = collectLinks("Job", items?.slice(0, 2));
    for (const { name, properties } of links) seen[name] = Object.keys(properties);
    const properties = (links[0]?.properties ?? {}) as Record<string, Input<unknown>>;
    for (const name of ["endpoint", "accessKeyId", "secretAccessKey"])
      seen[name] = await resolved(output(properties[name]));
    seen.hidden = await isSecret(output(properties.secretAccessKey));
  });
  expect(seen).toEqual({
    Photos: ["name", "endpoint", "accessKeyId", "secretAccessKey"],
    Old: ["name", "endpoint", "accessKeyId", "secretAccessKey"],
    endpoint: "https://account.r2.cloudflarestorage.com",
    accessKeyId: "JobR2",
    secretAccessKey: createHash("sha256").update("the value").digest("hex"),
    hidden: true,
  });
  expect(resources.AccountToken).toMatchObject({
    name: "shop-prod-job-r2",
    policies: [
      {
        effect: "allow",
        resources: JSON.stringify({
          "com.cloudflare.edge.r2.bucket.account_default_shop-prod-archive": "*",
          "com.cloudflare.edge.r2.bucket.account_default_shop-prod-photos": "*",
        }),
      },
    ],
  });
  expect(warnings).toEqual([
    expect.stringContaining("for its link to Old, Photos it gets credentials of its own for R2"),
    expect.stringContaining("Job is a function, and linked to Late further down"),
  ]);
});
