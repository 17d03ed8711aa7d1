import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { startTestCloud } from "./testing.ts";

const run = promisify(execFile);
const packageDir = join(import.meta.dirname, "..");
const file = join(packageDir, "README.md");
const text = readFileSync(file, "utf8");
const examples = [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = ""]) => code);

const titles: Readonly<Record<string, string>> = {
  apigateway: "API Gateway v2",
  dynamodb: "DynamoDB",
  events: "EventBridge",
  iam: "IAM",
  kinesis: "Kinesis",
  kms: "KMS",
  lambda: "Lambda",
  logs: "CloudWatch Logs",
  s3: "S3",
  scheduler: "EventBridge Scheduler",
  secretsmanager: "Secrets Manager",
  sns: "SNS",
  sqs: "SQS",
  ssm: "Systems Manager",
  sts: "STS",
};

function table(operations: Readonly<Record<string, readonly string[]>>): string {
  const rows = Object.entries(operations)
    .filter(([, names]) => names.length > 0)
    .map(([service, names]) => `| ${titles[service] ?? service} | ${[...names].sort().join(", ")} |`)
    .sort();
  return ["| service | operations |", "| --- | --- |", ...rows].join("\n");
}

describe("the README", () => {
  it.each(examples.map((code, index) => [index + 1, code] as const))(
    "has an example %d that runs",
    { timeout: 90_000 },
    async (_n, code) => {
      const temp = await mkdtemp(join(tmpdir(), "bowline-readme-"));
      const { stdout, stderr } = await run(
        process.execPath,
        ["--conditions=source", "--input-type=module-typescript", "--eval", code],
        { cwd: packageDir, env: { ...process.env, TMPDIR: temp } },
      ).finally(() => rm(temp, { recursive: true, force: true }));
      expect(stderr).toBe("");
      const promised = [...code.matchAll(/^\/\/ (.*)$/gm)].map(([, line]) => line).join(" ");
      const said = stdout.trim().split("\n").slice(0, 2).join(" ");
      expect(promised).toBe(said);
    },
  );

  // Rewrites the table when asked to; where CI runs, the committed one must be right.
  it("lists what is implemented: UPDATE=1 npx vitest run packages/cloud/src/readme.test.ts", async () => {
    await using test = await startTestCloud();
    const current = text.replace(
      /(<!-- operations -->\n)[\s\S]*(<!-- \/operations -->)/,
      (_all, begin, end) => `${begin}\n${table(test.cloud.operations)}\n\n${end}`,
    );
    if (process.env.UPDATE) writeFileSync(file, current);
    else if (process.env.CI) expect(text).toBe(current);
    expect(text).toContain("<!-- operations -->");
  });
});
