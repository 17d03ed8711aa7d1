import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { awsProvider, resourceTypes } from "./index.ts";

const root = dirname(createRequire(import.meta.url).resolve("@pulumi/aws/package.json"));
const options = {
  endpoint: "http://127.0.0.1:1",
  region: "us-east-1",
  accountId: "000000000000",
  credentials: { accessKeyId: "test", secretAccessKey: "test" },
};

/** `aws:s3/bucket:Bucket` is declared in `s3/bucket.js`. */
function moduleOf(token: string): string {
  return join(root, token.split(":")[1] ?? "");
}

// The names of inputs and outputs are checked by the compiler, against the package's own types.
test.each(resourceTypes(options))("%s is the token of a class of @pulumi/aws", (token) => {
  const source = readFileSync(`${moduleOf(token)}.js`, "utf8");
  expect(source).toContain(`__pulumiType = '${token}'`);
});

test.each(resourceTypes(options))("%s names only inputs that its class takes", (token) => {
  const handler = awsProvider(options).resource(token);
  const declaration = readFileSync(`${moduleOf(token)}.d.ts`, "utf8");
  const args = /export interface \w+Args \{(.*?)\n\}/s.exec(declaration)?.[1] ?? "";
  const known = new Set([...args.matchAll(/^ {4}(\w+)\??:/gm)].map(([, name]) => name));
  expect(known.size).toBeGreaterThan(0);
  expect((handler?.replaceOn ?? []).filter((name) => !known.has(name))).toEqual([]);
});

test("the version is that of the package whose inputs these are", () => {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  expect(awsProvider(options).version).toBe(version);
});

test("a type nobody serves has no handler", () => {
  expect(awsProvider(options).resource("aws:ec2/instance:Instance")).toBeUndefined();
  expect(awsProvider(options).resource("constructor")).toBeUndefined();
});
