import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { CreateKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import * as sdk from "@aws-sdk/client-ssm";
import { afterAll, describe, expect, it } from "vitest";
import { openSeal } from "../store/seal.ts";
import { startTestCloud } from "../testing.ts";

const test = await startTestCloud();
afterAll(() => test[Symbol.asyncDispose]());
const ssm = () => test.client(sdk.SSMClient);
const put = (Name: string, Value: string, rest: object = {}) =>
  ssm().send(new sdk.PutParameterCommand({ Name, Value, Type: "String", ...rest }));
const get = async (Name: string, WithDecryption = false) =>
  (await ssm().send(new sdk.GetParameterCommand({ Name, WithDecryption }))).Parameter;

describe("a parameter", () => {
  it("keeps its versions", async () => {
    await put("/versions/a", "one", { Description: "first" });
    await expect(put("/versions/a", "two")).rejects.toMatchObject({ name: "ParameterAlreadyExists" });
    expect((await put("/versions/a", "two", { Overwrite: true, Type: undefined })).Version).toBe(2);
    expect(await get("/versions/a")).toMatchObject({ Value: "two", Version: 2, Type: "String" });
    expect(await get("/versions/a:1")).toMatchObject({ Value: "one", Selector: ":1" });
    await expect(get("/versions/a:3")).rejects.toMatchObject({ name: "ParameterVersionNotFound" });
    const history = await ssm().send(new sdk.GetParameterHistoryCommand({ Name: "/versions/a" }));
    expect(history.Parameters?.map(({ Value, Description }) => [Value, Description])).toEqual([
      ["one", "first"],
      ["two", "first"],
    ]);
    expect((await get("/versions/a"))?.ARN).toBe("arn:aws:ssm:us-east-1:000000000000:parameter/versions/a");
    expect((await get("arn:aws:ssm:us-east-1:000000000000:parameter/versions/a"))?.Value).toBe("two");
  });

  it("is encrypted at rest when it is secure, and outlives a restart", async () => {
    const secret = "canary-3f9c2b";
    await put("/secure/a", secret, { Type: "SecureString" });
    expect((await get("/secure/a"))?.Value).not.toContain(secret);
    await test.restart();
    expect((await get("/secure/a", true))?.Value).toBe(secret);
    await test.cloud.stop();
    for (const file of ["ssm.db", "ssm.db-wal"]) {
      const content = await Promise.resolve(join(test.dir, file))
        .then((path) => readFileSync(path))
        .catch(() => Buffer.alloc(0));
      expect(content.includes(secret)).toBe(false);
    }
    await test.restart();
  });

  it("is refused with a bad name, type, size, pattern or key", async () => {
    await expect(put("a/b", "1")).rejects.toThrow("fully qualified");
    await expect(put("/aws/x", "1")).rejects.toThrow("prefixed");
    await expect(put("/bad name", "1")).rejects.toMatchObject({ name: "ValidationException" });
    await expect(put("/bad/type", "1", { Type: "Number" })).rejects.toThrow("needs a Type");
    await expect(put("/bad/size", "x".repeat(4097))).rejects.toThrow("4096");
    await put("/good/size", "x".repeat(8192), { Tier: "Advanced" });
    await expect(put("/bad/pattern", "x", { AllowedPattern: "^\\d+$" })).rejects.toMatchObject({
      name: "ParameterPatternMismatchException",
    });
    await expect(put("/bad/key", "x", { Type: "SecureString", KeyId: "mine" })).rejects.toMatchObject({
      name: "InvalidKeyId",
    });
    await expect(get("/never/put")).rejects.toMatchObject({ name: "ParameterNotFound" });
  });
});

describe("a secure parameter", () => {
  it("is read by whoever may use its key, through Systems Manager", async () => {
    const kms = test.client(KMSClient);
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    const { Arn = "" } = KeyMetadata ?? {};
    await put("/keyed/a", "hidden", { Type: "SecureString", KeyId: Arn });
    await put("/keyed/b", "x".repeat(5000), { Type: "SecureString", KeyId: Arn, Tier: "Advanced" });
    expect((await get("/keyed/b", true))?.Value).toHaveLength(5000);
    const described = await ssm().send(
      new sdk.DescribeParametersCommand({ ParameterFilters: [{ Key: "KeyId", Values: [Arn] }] }),
    );
    expect(described.Parameters?.map(({ Name }) => Name)).toEqual(["/keyed/a", "/keyed/b"]);
    const read = { Effect: "Allow", Action: "ssm:GetParameter", Resource: "*" } as const;
    const use = {
      Effect: "Allow",
      Action: "kms:Decrypt",
      Resource: Arn,
      Condition: { StringEquals: { "kms:ViaService": "ssm.us-east-1.amazonaws.com" } },
    } as const;
    const command = () => new sdk.GetParameterCommand({ Name: "/keyed/a", WithDecryption: true });
    const stranger = test.client(sdk.SSMClient, await test.roleWith([read]));
    await expect(stranger.send(command())).rejects.toMatchObject({ name: "AccessDeniedException" });
    const reader = test.client(sdk.SSMClient, await test.roleWith([read, use]));
    expect((await reader.send(command())).Parameter?.Value).toBe("hidden");
    // The service's own key is everybody's, through the service.
    await put("/keyed/c", "plain", { Type: "SecureString" });
    const own = new sdk.GetParameterCommand({ Name: "/keyed/c", WithDecryption: true });
    expect((await stranger.send(own)).Parameter?.Value).toBe("plain");
  });

  it("that was put before there was a KMS is still read", async () => {
    await put("/old/a", "new value", { Type: "SecureString" });
    await test.cloud.stop();
    const seal = openSeal(join(test.dir, "ssm", "key"));
    const database = new DatabaseSync(join(test.dir, "ssm.db"));
    const row = database.prepare("SELECT body FROM parameter WHERE name = ?").get("/old/a");
    const parameter = JSON.parse(String(row?.body));
    delete parameter.versions[0].keyId;
    parameter.versions[0].stored = seal.seal(Buffer.from("old value"), "/old/a").toString("base64");
    database.prepare("UPDATE parameter SET body = ? WHERE name = ?").run(JSON.stringify(parameter), "/old/a");
    database.close();
    await test.restart();
    expect((await get("/old/a", true))?.Value).toBe("old value");
  });
});

describe("parameters", () => {
  it("are had by path, by name, and described by filter", async () => {
    for (const name of ["/app/db/url", "/app/db/user", "/app/name", "/application/x"]) await put(name, name);
    const byPath = async (input: object) => {
      const answer = await ssm().send(new sdk.GetParametersByPathCommand({ Path: "/app", ...input }));
      return { names: answer.Parameters?.map(({ Name }) => Name), next: answer.NextToken };
    };
    expect((await byPath({})).names).toEqual(["/app/name"]);
    expect((await byPath({ Recursive: true })).names).toEqual(["/app/db/url", "/app/db/user", "/app/name"]);
    const first = await byPath({ Recursive: true, MaxResults: 2 });
    expect((await byPath({ Recursive: true, NextToken: first.next })).names).toEqual(["/app/name"]);
    const several = await ssm().send(new sdk.GetParametersCommand({ Names: ["/app/name", "/app/none"] }));
    expect(several.Parameters).toHaveLength(1);
    expect(several.InvalidParameters).toEqual(["/app/none"]);
    const ParameterFilters = [{ Key: "Name", Option: "BeginsWith", Values: ["/app/db"] }];
    const described = await ssm().send(new sdk.DescribeParametersCommand({ ParameterFilters }));
    expect(described.Parameters?.map(({ Name }) => Name)).toEqual(["/app/db/url", "/app/db/user"]);
    const gone = await ssm().send(new sdk.DeleteParametersCommand({ Names: ["/app/name", "/app/none"] }));
    expect([gone.DeletedParameters, gone.InvalidParameters]).toEqual([["/app/name"], ["/app/none"]]);
  });

  it("have tags", async () => {
    await put("tagged", "1", { Tags: [{ Key: "team", Value: "red" }] });
    const resource = { ResourceType: "Parameter" as const, ResourceId: "tagged" };
    await ssm().send(new sdk.AddTagsToResourceCommand({ ...resource, Tags: [{ Key: "cost", Value: "1" }] }));
    await ssm().send(new sdk.RemoveTagsFromResourceCommand({ ...resource, TagKeys: ["team"] }));
    const { TagList } = await ssm().send(new sdk.ListTagsForResourceCommand(resource));
    expect(TagList).toEqual([{ Key: "cost", Value: "1" }]);
    expect((await get("arn:aws:ssm:us-east-1:000000000000:parameter/tagged"))?.Name).toBe("tagged");
  });
});
