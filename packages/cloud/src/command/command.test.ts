import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CreateBucketCommand, ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { describe, expect, test } from "vitest";

const entry = fileURLToPath(new URL("./main.ts", import.meta.url));
const program = `const { main } = await import(${JSON.stringify(entry)}); process.exitCode = await main(process.argv.slice(1));`;

function start(...args: string[]) {
  const child = spawn(process.execPath, ["--input-type=module", "-e", program, "--", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  let check = () => {};
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    check();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return {
    child,
    finished: new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) =>
      child.once("close", (code) => resolve({ code, stdout, stderr })),
    ),
    /** The variables it prints, once they are all there. */
    variables: new Promise<Record<string, string>>((resolve) => {
      check = () => {
        const found = [...stdout.matchAll(/^export (\w+)=(.*)\n/gm)].map(([, name, value]) => [name, value]);
        if (found.length === 5) resolve(Object.fromEntries(found) as Record<string, string>);
      };
    }),
  };
}

describe("bowline-cloud", { timeout: 30_000 }, () => {
  test("is found by what it prints, keeps its data in a folder, and ends when told", async () => {
    const dir = mkdtempSync(join(tmpdir(), "bowline-cloud-"));
    for (const round of ["first", "second"]) {
      const cloud = start("--dir", dir, "--port", "0");
      const env = await cloud.variables;
      const s3 = new S3Client({
        endpoint: env.AWS_ENDPOINT_URL,
        region: env.AWS_REGION,
        credentials: {
          accessKeyId: env.AWS_ACCESS_KEY_ID ?? "",
          secretAccessKey: env.AWS_SECRET_ACCESS_KEY ?? "",
        },
      });
      if (round === "first") await s3.send(new CreateBucketCommand({ Bucket: "kept" }));
      else
        expect((await s3.send(new ListBucketsCommand({}))).Buckets?.map(({ Name }) => Name)).toEqual([
          "kept",
        ]);
      s3.destroy();
      cloud.child.kill("SIGTERM");
      expect((await cloud.finished).code).toBe(0);
    }
    rmSync(dir, { recursive: true });
  });

  test("runs a command beside it, and exits with that command's code", async () => {
    const script = "console.log(process.env.AWS_ENDPOINT_URL); process.exit(7)";
    const { code, stdout } = await start("--", process.execPath, "-e", script).finished;
    expect(code).toBe(7);
    expect(stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\n$/);
    expect(await start("--", "no-such-command-here").finished).toMatchObject({
      code: 127,
      stderr: expect.stringContaining("There is no command"),
    });
  });

  test("says what is wrong with its arguments", async () => {
    expect(await start("--port", "many").finished).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/no port/),
    });
    expect(await start("--").finished).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/no command/),
    });
    expect(await start("--help").finished).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Usage/),
    });
    expect(existsSync("bowline-cloud")).toBe(false);
  });
});
