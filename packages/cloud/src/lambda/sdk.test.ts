/** Functions that use AWS's own SDKs, unmodified, with what their role allows. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rename } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { CreateBucketCommand, GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import { type LambdaCloud, startLambdaCloud } from "./testing.ts";

const run = promisify(execFile);
const modules = fileURLToPath(new URL("../../../../node_modules", import.meta.url));

async function bucketAndRole(cloud: LambdaCloud) {
  const bucket = "photos";
  await cloud.client(S3Client).send(new CreateBucketCommand({ Bucket: bucket }));
  return {
    Environment: { Variables: { BUCKET: bucket } },
    statements: [
      { Effect: "Allow" as const, Action: "s3:PutObject", Resource: `arn:aws:s3:::${bucket}/open/*` },
    ],
  };
}

async function read(cloud: LambdaCloud, key: string): Promise<string | undefined> {
  const { Body } = await cloud.client(S3Client).send(new GetObjectCommand({ Bucket: "photos", Key: key }));
  return Body?.transformToString();
}

test.each(["mjs", "cjs"])("@aws-sdk/client-s3 in a .%s handler", async (extension) => {
  await using cloud = await startLambdaCloud({ runtimes: { node: { path: [modules] } } });
  const load = {
    mjs: `import { S3Client, PutObjectCommand } from "@aws-sdk/client-s3"; export`,
    cjs: `const { S3Client, PutObjectCommand } = require("@aws-sdk/client-s3");`,
  }[extension];
  const name = await cloud.create(
    {
      [`index.${extension}`]: `${load} const handler = async ({ key }) => {
        try { await new S3Client().send(new PutObjectCommand({ Bucket: process.env.BUCKET, Key: key, Body: "from a function" })); return "put"; }
        catch (error) { return error.name; }
      };${extension === "cjs" ? " exports.handler = handler;" : ""}`,
    },
    { ...(await bucketAndRole(cloud)), Timeout: 20, MemorySize: 512 },
  );
  expect((await cloud.invoke(name, { key: "open/a" })).payload).toBe("put");
  expect(await read(cloud, "open/a")).toBe("from a function");
  expect((await cloud.invoke(name, { key: "closed/a" })).payload).toBe("AccessDenied");
});

const boto3 = await installBoto3();

test.skipIf(boto3.reason)(
  `boto3 in a Python handler${boto3.reason ? ` (skipped: ${boto3.reason})` : ""}`,
  async () => {
    await using cloud = await startLambdaCloud({ runtimes: { python: { path: [boto3.path] } } });
    const name = await cloud.create(
      {
        "src/app.py": [
          "import os, boto3",
          "from botocore.exceptions import ClientError",
          "s3 = boto3.client('s3')",
          "def handler(event, context):",
          "    try:",
          "        s3.put_object(Bucket=os.environ['BUCKET'], Key=event['key'], Body=b'from python')",
          "        return 'put'",
          "    except ClientError as error:",
          "        return error.response['Error']['Code']",
        ].join("\n"),
      },
      {
        ...(await bucketAndRole(cloud)),
        Runtime: "python3.12",
        Handler: "src/app.handler",
        Timeout: 20,
        MemorySize: 512,
      },
    );
    expect((await cloud.invoke(name, { key: "open/b" })).payload).toBe("put");
    expect(await read(cloud, "open/b")).toBe("from python");
    expect((await cloud.invoke(name, { key: "closed/b" })).payload).toBe("AccessDenied");
  },
);

/** boto3 for whichever Python runs functions, kept between runs; or why there is none. */
async function installBoto3(): Promise<{ path: string; reason?: string }> {
  const path = join(tmpdir(), "bowline-test-boto3");
  if (existsSync(join(path, "boto3"))) return { path };
  const fresh = `${path}-${process.pid}`;
  try {
    await mkdir(fresh, { recursive: true });
    await run(
      "python3",
      ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", fresh, "boto3"],
      {
        timeout: 25_000,
      },
    );
    await rename(fresh, path).catch(() => {});
    return { path };
  } catch (error) {
    return { path, reason: `pip could not install boto3: ${String(error).split("\n")[0]}` };
  }
}
