/** Every input our components give to a resource is checked against the types that Pulumi's packages publish. */

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
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

/** Mistakes that are to be found among what is right: reading the packages' types takes most of the time. */
const MISTAKES = [
  ["visibilityTimeoutSecond", "aws.sqs.QueueArgs", "{ visibilityTimeoutSecond: 3 }"],
  ["variable", "aws.lambda.FunctionArgs", '{ handler: "x", environment: { variable: {} } }'],
  ["policyArn", "aws.iam.RolePolicyAttachmentArgs", '{ role: "r" }'],
  ["queueNames", "cloudflare.QueueArgs", '{ accountId: "a", queueNames: "b" }'],
] as const;

test("every component's inputs are those of @pulumi/aws and @pulumi/cloudflare", {
  timeout: 600_000,
}, async () => {
  const [aws, cloudflare] = await Promise.all([
    resourcesOf("every component", "aws"),
    resourcesOf("every Worker", "cloudflare"),
  ]);
  expect(aws.length).toBeGreaterThan(30);
  expect(cloudflare.length).toBeGreaterThan(10);
  const mistakes = MISTAKES.map(
    ([, type, value], index) => `export const mistake${index}: ${type} = ${value};`,
  );
  const found = await problems([...mistakes, ...[...aws, ...cloudflare].map(declaration)]);
  expect(found).toEqual(MISTAKES.map(([name]) => expect.stringContaining(name)));
});

async function resourcesOf(appName: string, packageName: string): Promise<ResourceState[]> {
  const app = comparedApps().find(({ name }) => name === appName);
  await using deployment = await prepare("bowline", app?.files ?? {});
  const { result, resources } = await deployment.run("up", false);
  expect(result.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  return resources.filter(({ type }) => type.startsWith(`${packageName}:`));
}

/** `aws:lambda/function:Function` takes `aws.lambda.FunctionArgs`, `cloudflare:index/queue:Queue` `cloudflare.QueueArgs`. */
function declaration({ type, inputs }: ResourceState, index: number): string {
  const [packageName = "", module = "", name = ""] = type.split(":");
  const path = [packageName, module.split("/")[0], `${name}Args`].filter((part) => part !== "index");
  return `export const r${index}: ${path.join(".")} = ${literal(inputs)};`;
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
  await mkdir(CACHE, { recursive: true });
  const folder = await mkdtemp(join(CACHE, "published-types-"));
  try {
    const file = join(folder, "inputs.ts");
    const imports = ["aws", "cloudflare", "pulumi"].flatMap((name) => [
      `import * as ${name} from "@pulumi/${name}";`,
      `void ${name};`,
    ]);
    await writeFile(file, [...imports, ...declarations].join("\n"));
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
