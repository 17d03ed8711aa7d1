import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import * as sdk from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { expect, test } from "vitest";
import { startTestCloud } from "../testing.ts";
import { newBucket } from "./testing.ts";

/** A cloud in a process of its own, which can be killed. */
async function startProcess(dir: string) {
  const script = `
    import { startCloud } from ${JSON.stringify(join(import.meta.dirname, "../start.ts"))};
    const { endpoint, region, credentials } = await startCloud({ dir: ${JSON.stringify(dir)} });
    console.log(JSON.stringify({ endpoint, region, credentials }));
    process.stdin.on("data", () => console.log(JSON.stringify(process.memoryUsage().rss)));
  `;
  const child = spawn(process.execPath, ["--conditions=source", "--input-type=module", "-e", script], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const line = () =>
    new Promise<string>((resolve, reject) => {
      const ended = (code: number | null) => reject(new Error(`The cloud's process ended with ${code}.`));
      child.once("exit", ended);
      child.stdout.once("data", (data) => {
        child.off("exit", ended);
        resolve(String(data));
      });
    });
  const config = JSON.parse(await line()) as sdk.S3ClientConfig;
  return {
    s3: new sdk.S3({ ...config, maxAttempts: 1 }),
    async memory() {
      const answer = line();
      child.stdin.write("?");
      return Number(await answer);
    },
    async kill() {
      const exited = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await exited;
    },
  };
}

const filesIn = (dir: string) =>
  readdirSync(join(dir, "s3"), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());

test("what was acknowledged is there after kill -9, and nothing else on disk", async () => {
  const dir = await mkdtemp(join(tmpdir(), "bowline-s3-"));
  try {
    const acknowledged = new Map<string, string>();
    for (let round = 0; round < 2; round++) {
      const cloud = await startProcess(dir);
      const Bucket = "kept";
      await cloud.s3.createBucket({ Bucket });
      let killed = false;
      const writers = Array.from({ length: 4 }, async (_, writer) => {
        for (let n = 0; !killed; n++) {
          const Key = `${round}/${writer}/${n % 10}`;
          const Body = `${n} `.repeat(n % 2 === 0 ? 10 : 40_000);
          // A write that is under way may end either way; only what was answered counts.
          acknowledged.delete(Key);
          try {
            await cloud.s3.putObject({ Bucket, Key, Body });
          } catch {
            return;
          }
          acknowledged.set(Key, Body);
          if (n === 15 && writer === 0) {
            killed = true;
            await cloud.kill();
          }
        }
      });
      await Promise.all(writers);
    }
    await using own = await startTestCloud({ dir });
    const s3 = own.client(sdk.S3);
    expect(acknowledged.size).toBeGreaterThan(20);
    for (const [Key, body] of acknowledged) {
      const answer = await s3.getObject({ Bucket: "kept", Key });
      expect((await answer.Body?.transformToString()) === body, Key).toBe(true);
    }
    const { Contents = [] } = await s3.listObjectsV2({ Bucket: "kept" });
    expect(filesIn(dir).length).toBe(Contents.filter(({ Size = 0 }) => Size > 64 * 1024).length);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}, 60_000);

const LARGE = Number(process.env.BOWLINE_TEST_OBJECT_MIB ?? 192);

test.each(["in one piece", "in parts"])(
  "a large object passes through without staying in memory, %s",
  async (how) => {
    const dir = await mkdtemp(join(tmpdir(), "bowline-s3-"));
    const cloud = await startProcess(dir);
    try {
      const size = LARGE * 1024 * 1024;
      const chunk = Buffer.alloc(1024 * 1024, "large");
      const source = createHash("md5");
      const Bucket = await newBucket(cloud.s3);
      await cloud.s3.putObject({ Bucket, Key: "warm", Body: Buffer.alloc(8 * 1024 * 1024) });
      const before = await cloud.memory();
      let most = before;
      const Body = Readable.from(
        (async function* () {
          for (let sent = 0; sent < size; sent += chunk.length) {
            source.update(chunk);
            yield chunk;
            if (sent % (64 * chunk.length) === 0) most = Math.max(most, await cloud.memory());
          }
        })(),
        { objectMode: false },
      );
      const params = { Bucket, Key: "large", Body };
      if (how === "in one piece") await cloud.s3.putObject({ ...params, ContentLength: size });
      else await new Upload({ client: cloud.s3, params, partSize: 16 * 1024 * 1024, queueSize: 3 }).done();
      const answer = await cloud.s3.getObject({ Bucket, Key: "large" });
      const received = createHash("md5");
      for await (const part of answer.Body as Readable) received.update(part);
      expect(received.digest("hex")).toBe(source.digest("hex"));
      most = Math.max(most, await cloud.memory());
      console.log(`${LARGE} MiB ${how}: memory from ${mebibytes(before)} to at most ${mebibytes(most)} MiB`);
      expect(most - before).toBeLessThan(96 * 1024 * 1024);
    } finally {
      await cloud.kill();
      await rm(dir, { recursive: true, force: true });
    }
  },
  120_000 + LARGE * 300,
);

function mebibytes(bytes: number): number {
  return Math.round(bytes / 1024 / 1024);
}

test("a body that breaks off leaves nothing", async () => {
  await using own = await startTestCloud();
  const s3 = own.client(sdk.S3);
  const Bucket = await newBucket(s3);
  const short = Readable.from([Buffer.alloc(300_000)], { objectMode: false });
  const abort = new AbortController();
  setImmediate(() => abort.abort());
  await expect(
    s3.putObject({ Bucket, Key: "k", Body: short, ContentLength: 10_000_000 }, { abortSignal: abort.signal }),
  ).rejects.toThrow();
  await s3.putObject({ Bucket, Key: "other", Body: Buffer.alloc(100_000) });
  await expect.poll(() => filesIn(own.dir).length).toBe(1);
  expect((await s3.listObjectsV2({ Bucket })).KeyCount).toBe(1);
});
