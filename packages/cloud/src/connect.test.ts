import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { expect, test } from "vitest";
import { connectCloud } from "./connect.ts";
import { startCloud } from "./start.ts";

test("a cloud that runs is found by its folder, and its root's keys work; one that stopped is not", async () => {
  const dir = mkdtempSync(join(tmpdir(), "bowline-connect-"));
  const cloud = await startCloud({ dir });
  const found = connectCloud({ dir });
  expect(found).toMatchObject({ endpoint: cloud.endpoint, credentials: cloud.credentials });
  const sts = new STSClient({
    endpoint: found?.endpoint,
    region: found?.region,
    credentials: found?.credentials,
  });
  expect(await sts.send(new GetCallerIdentityCommand({}))).toMatchObject({ Account: "000000000000" });
  await cloud.stop();
  expect(connectCloud({ dir })).toBeUndefined();
  rmSync(dir, { recursive: true });
});
