import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import { startTestCloud } from "../testing.ts";
import { readAudit } from "./read-audit.ts";

test("the log of a cloud that is up is read from outside while it is being written", async () => {
  await using test = await startTestCloud();
  const s3 = test.client(S3Client, await test.roleWith([]));
  const seen: number[] = [];
  for (let turn = 0; turn < 20; turn++) {
    await Promise.all(
      Array.from({ length: 20 }, () => s3.send(new ListBucketsCommand()).catch(() => undefined)),
    );
    // What is asked of the cloud itself is written, and so on disk.
    test.cloud.audit({ limit: 1 });
    seen.push(readAudit(test.dir, { decision: "deny", limit: 10_000 })?.length ?? 0);
  }
  expect(seen).toEqual(Array.from({ length: 20 }, (_, turn) => (turn + 1) * 20));
  expect(readAudit(test.dir, { decision: "deny", limit: 1 })).toEqual(
    test.cloud.audit({ decision: "deny", limit: 1 }),
  );
});

test("the log stays readable when the cloud is down", async () => {
  const dir = await mkdtemp(join(tmpdir(), "bowline-audit-test-"));
  try {
    const test = await startTestCloud({ dir });
    await test.client(S3Client).send(new ListBucketsCommand());
    await test.cloud.stop();
    expect(readAudit(dir)).toMatchObject([{ action: "s3:ListAllMyBuckets", decision: "allow" }]);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});

test("where no cloud ever was there is no log", () => {
  expect(readAudit(join(tmpdir(), "bowline-no-such-cloud"))).toBeUndefined();
});
