/** Every input our components give to a resource is checked against the types that `@pulumi/aws` publishes. */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ResourceState } from "@bowline/engine";
import ts from "typescript";
import { expect, test } from "vitest";
import { comparedApps } from "./apps.ts";
import { prepare } from "./deployment.ts";

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const CACHE = fileURLToPath(new URL("../../../../../node_modules/.cache", import.meta.url));

test("the inputs of every component's resources are those of @pulumi/aws", { timeout: 600_000 }, async () => {
  const app = comparedApps().find(({ name }) => name === "every component");
  await using deployment = await prepare("bowline", app?.files ?? {});
  const { resources } = await deployment.run("up", false);
  const ours = resources.filter(({ type }) => type.startsWith("aws:"));
  expect(ours.length).toBeGreaterThan(30);
  expect(await problems(ours.map(declaration))).toEqual([]);
});

test("a misspelt and a missing input are found", { timeout: 600_000 }, async () => {
  const found = await problems([
    "export const a: aws.sqs.QueueArgs = { visibilityTimeoutSecond: 3 };",
    'export const b: aws.lambda.FunctionArgs = { handler: "x", environment: { variable: {} } };',
    'export const c: aws.iam.RolePolicyAttachmentArgs = { role: "r" };',
  ]);
  expect(found).toEqual([
    expect.stringContaining("visibilityTimeoutSecond"),
    expect.stringContaining("variable"),
    expect.stringContaining("policyArn"),
  ]);
});

/** `aws:lambda/function:Function` is `aws.lambda.Function`, whose inputs are `aws.lambda.FunctionArgs`. */
function declaration({ type, inputs }: ResourceState, index: number): string {
  const [, module = "", name = ""] = type.split(":");
  return `export const r${index}: aws.${module.split("/")[0]}.${name}Args = ${literal(inputs)};`;
}

function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const { [SIGNATURE]: signature, ...rest } = value as Record<string, unknown>;
  if (signature === SECRET) return literal(rest.value);
  if (signature !== undefined) return "new pulumi.asset.AssetArchive({})";
  return `{ ${Object.entries(rest)
    .map(([key, inner]) => `${JSON.stringify(key)}: ${literal(inner)}`)
    .join(", ")} }`;
}

async function problems(declarations: readonly string[]): Promise<string[]> {
  const folder = await mkdtemp(join(CACHE, "published-types-"));
  try {
    const file = join(folder, "inputs.ts");
    const imports =
      'import * as aws from "@pulumi/aws";\nimport * as pulumi from "@pulumi/pulumi";\nvoid pulumi;';
    await writeFile(file, [imports, ...declarations].join("\n"));
    const program = ts.createProgram([file], {
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      target: ts.ScriptTarget.ES2023,
      types: [],
    });
    return ts
      .getPreEmitDiagnostics(program)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
