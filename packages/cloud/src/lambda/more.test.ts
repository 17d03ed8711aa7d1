/** What surrounds invoking: streamed answers, layers, versions, aliases, policies, tags. */
import {
  AddPermissionCommand,
  CreateAliasCommand,
  DeleteLayerVersionCommand,
  GetAccountSettingsCommand,
  GetFunctionCodeSigningConfigCommand,
  GetLayerVersionCommand,
  GetPolicyCommand,
  InvokeCommand,
  InvokeWithResponseStreamCommand,
  LambdaClient,
  ListAliasesCommand,
  ListProvisionedConcurrencyConfigsCommand,
  ListTagsCommand,
  ListVersionsByFunctionCommand,
  PublishLayerVersionCommand,
  PublishVersionCommand,
  PutProvisionedConcurrencyConfigCommand,
  RemovePermissionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
} from "@aws-sdk/client-lambda";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LambdaCloud, startLambdaCloud, zip } from "./testing.ts";

let cloud: LambdaCloud;
beforeAll(async () => {
  cloud = await startLambdaCloud();
});
afterAll(() => cloud[Symbol.asyncDispose]());

const returning = (value: string) => ({ "index.mjs": `export const handler = async () => (${value})` });
const functionArn = (name: string) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;

async function streamed(name: string) {
  const answer = await cloud.lambda.send(
    new InvokeWithResponseStreamCommand({ FunctionName: name, LogType: "Tail" }),
  );
  let text = "";
  let end: { ErrorCode?: string; ErrorDetails?: string; LogResult?: string } = {};
  for await (const part of answer.EventStream ?? []) {
    text += Buffer.from(part.PayloadChunk?.Payload ?? []).toString();
    end = part.InvokeComplete ?? end;
  }
  return { text, end, status: answer.StatusCode };
}

test("a response over the limit is refused, and the next invocation gets its own event", async () => {
  const name = await cloud.create({
    "index.mjs": "export const handler = async ({ size }) => 'x'.repeat(size);",
  });
  const invoke = async (size: number) =>
    cloud.lambda.send(
      new InvokeCommand({ FunctionName: name, Payload: Buffer.from(JSON.stringify({ size })) }),
    );
  const refused = await invoke(7 * 1024 * 1024);
  expect(Buffer.from(refused.Payload ?? []).toString()).toContain("ResponseSizeTooLarge");
  expect(Buffer.from((await invoke(3)).Payload ?? []).toString()).toBe('"xxx"');
});

describe("InvokeWithResponseStream", () => {
  const streaming = (body: string) => ({
    "index.mjs": `export const handler = awslambda.streamifyResponse(async (event, stream) => { ${body} });`,
  });

  test("gives the chunks, then how it ended", async () => {
    const name = await cloud.create(streaming("stream.write('one '); stream.write('two'); stream.end();"));
    const { text, end, status } = await streamed(name);
    expect([text, status, end.ErrorCode]).toEqual(["one two", 200, undefined]);
    expect(Buffer.from(end.LogResult ?? "", "base64").toString()).toContain("REPORT RequestId");
  });

  test("tells of an error in the middle", async () => {
    const { text, end } = await streamed(
      await cloud.create(streaming("stream.write('some'); throw new Error('mid-stream');")),
    );
    expect([text, end.ErrorCode]).toEqual(["some", "Unhandled"]);
    expect(JSON.parse(end.ErrorDetails ?? "")).toMatchObject({ errorMessage: "mid-stream" });
  });

  test("of a handler that returns gives one chunk", async () => {
    expect((await streamed(await cloud.create(returning("{ a: 1 }")))).text).toBe('{"a":1}');
  });
});

describe("layers", () => {
  const publish = async (LayerName: string, files: Record<string, string>) => {
    const layer = await cloud.lambda.send(
      new PublishLayerVersionCommand({ LayerName, Content: { ZipFile: zip(files) }, Description: "shared" }),
    );
    return layer.LayerVersionArn ?? "";
  };

  test("are found by imports, requires and Python, and stay with functions that have them", async () => {
    const arn = await publish("common", {
      "nodejs/node_modules/shared/package.json": '{"name":"shared","main":"index.js"}',
      "nodejs/node_modules/shared/index.js": "exports.word = 'from the layer';",
      "python/shared.py": "word = 'from the layer'",
    });
    expect(arn).toBe("arn:aws:lambda:us-east-1:000000000000:layer:common:1");
    const Layers = [arn];
    const esm = await cloud.create(
      { "index.mjs": "import { word } from 'shared'; export const handler = async () => word" },
      { Layers },
    );
    const cjs = await cloud.create(
      { "index.cjs": "exports.handler = async () => require('shared').word" },
      { Layers },
    );
    const python = await cloud.create(
      { "app.py": "from shared import word\ndef handler(event, context):\n    return word\n" },
      { Layers, Runtime: "python3.12", Handler: "app.handler" },
    );
    await cloud.lambda.send(new DeleteLayerVersionCommand({ LayerName: "common", VersionNumber: 1 }));
    for (const name of [esm, cjs, python]) expect((await cloud.invoke(name)).payload).toBe("from the layer");
    await expect(cloud.create(returning("1"), { Layers })).rejects.toMatchObject({
      message: `Layer version ${arn} does not exist.`,
    });
  });

  test("are numbered and described", async () => {
    await publish("counted", { "a.txt": "1" });
    expect(await publish("counted", { "a.txt": "2" })).toMatch(/:counted:2$/);
    const layer = await cloud.lambda.send(
      new GetLayerVersionCommand({ LayerName: "counted", VersionNumber: 2 }),
    );
    expect(layer).toMatchObject({ Version: 2, Description: "shared" });
    const bytes = await (await fetch(layer.Content?.Location ?? "")).arrayBuffer();
    expect(new Uint8Array(bytes)).toEqual(zip({ "a.txt": "2" }));
  });
});

test("versions stay as published and aliases point where they are told", async () => {
  const name = await cloud.create(returning("'one'"));
  const { lambda } = cloud;
  const invoke = async (Qualifier?: string) => {
    const answer = await lambda.send(new InvokeCommand({ FunctionName: name, Qualifier }));
    return [JSON.parse(Buffer.from(answer.Payload ?? []).toString()), answer.ExecutedVersion];
  };
  expect((await lambda.send(new PublishVersionCommand({ FunctionName: name }))).Version).toBe("1");
  expect((await lambda.send(new PublishVersionCommand({ FunctionName: name }))).Version).toBe("1");
  await lambda.send(
    new UpdateFunctionCodeCommand({ FunctionName: name, ZipFile: zip(returning("'two'")), Publish: true }),
  );
  await lambda.send(new CreateAliasCommand({ FunctionName: name, Name: "live", FunctionVersion: "1" }));
  expect([await invoke(), await invoke("1"), await invoke("live")]).toEqual([
    ["two", "$LATEST"],
    ["one", "1"],
    ["one", "1"],
  ]);
  await lambda.send(new UpdateAliasCommand({ FunctionName: name, Name: "live", FunctionVersion: "2" }));
  expect(await invoke("live")).toEqual(["two", "2"]);
  const { Versions } = await lambda.send(new ListVersionsByFunctionCommand({ FunctionName: name }));
  expect(Versions?.map(({ Version }) => Version)).toEqual(["$LATEST", "1", "2"]);
  const { Aliases } = await lambda.send(new ListAliasesCommand({ FunctionName: name }));
  expect(Aliases).toMatchObject([{ AliasArn: `${functionArn(name)}:live`, FunctionVersion: "2" }]);
});

test("a resource policy lets in whom it names, and nobody after its removal", async () => {
  const name = await cloud.create(returning("'in'"));
  const { roleArn, ...credentials } = await cloud.roleWith([]);
  const visitor = cloud.client(LambdaClient, credentials);
  const invoke = () => visitor.send(new InvokeCommand({ FunctionName: name }));
  await expect(invoke()).rejects.toMatchObject({ name: "AccessDeniedException" });
  const { Statement } = await cloud.lambda.send(
    new AddPermissionCommand({
      FunctionName: name,
      StatementId: "visitor",
      Action: "lambda:InvokeFunction",
      Principal: roleArn,
    }),
  );
  expect(JSON.parse(Statement ?? "")).toEqual({
    Sid: "visitor",
    Effect: "Allow",
    Principal: { AWS: roleArn },
    Action: "lambda:InvokeFunction",
    Resource: functionArn(name),
  });
  expect((await invoke()).StatusCode).toBe(200);
  await cloud.lambda.send(new RemovePermissionCommand({ FunctionName: name, StatementId: "visitor" }));
  await expect(invoke()).rejects.toMatchObject({ name: "AccessDeniedException" });
  await expect(cloud.lambda.send(new GetPolicyCommand({ FunctionName: name }))).rejects.toMatchObject({
    name: "ResourceNotFoundException",
  });
});

test("a service's permission is written with its conditions", async () => {
  const name = await cloud.create(returning("1"));
  const { Statement } = await cloud.lambda.send(
    new AddPermissionCommand({
      FunctionName: name,
      StatementId: "s3",
      Action: "lambda:InvokeFunction",
      Principal: "s3.amazonaws.com",
      SourceArn: "arn:aws:s3:::photos",
      SourceAccount: "000000000000",
    }),
  );
  expect(JSON.parse(Statement ?? "")).toMatchObject({
    Principal: { Service: "s3.amazonaws.com" },
    Condition: {
      StringEquals: { "AWS:SourceAccount": "000000000000" },
      ArnLike: { "AWS:SourceArn": "arn:aws:s3:::photos" },
    },
  });
});

test("a package may come from S3", async () => {
  const s3 = cloud.client(S3Client);
  await s3.send(new CreateBucketCommand({ Bucket: "packages" }));
  await s3.send(
    new PutObjectCommand({ Bucket: "packages", Key: "a.zip", Body: zip(returning("'from S3'")) }),
  );
  const name = await cloud.create({}, { Code: { S3Bucket: "packages", S3Key: "a.zip" } });
  expect((await cloud.invoke(name)).payload).toBe("from S3");
});

test("tags, account settings and code signing answer as AWS does", async () => {
  const name = await cloud.create(returning("1"), { Tags: { a: "1" } });
  const { lambda } = cloud;
  const Resource = functionArn(name);
  await lambda.send(new TagResourceCommand({ Resource, Tags: { b: "2" } }));
  await lambda.send(new UntagResourceCommand({ Resource, TagKeys: ["a"] }));
  expect((await lambda.send(new ListTagsCommand({ Resource }))).Tags).toEqual({ b: "2" });
  const settings = await lambda.send(new GetAccountSettingsCommand({}));
  expect(settings.AccountLimit?.ConcurrentExecutions).toBe(1000);
  expect(await lambda.send(new GetFunctionCodeSigningConfigCommand({ FunctionName: name }))).toMatchObject({
    FunctionName: name,
  });
});

test("provisioned concurrency can be asked for, and says that it cannot be set", async () => {
  const name = await cloud.create(returning("1"));
  const { lambda } = cloud;
  const listed = await lambda.send(new ListProvisionedConcurrencyConfigsCommand({ FunctionName: name }));
  expect(listed.ProvisionedConcurrencyConfigs).toEqual([]);
  await expect(
    lambda.send(
      new PutProvisionedConcurrencyConfigCommand({
        FunctionName: name,
        Qualifier: "live",
        ProvisionedConcurrentExecutions: 1,
      }),
    ),
  ).rejects.toMatchObject({
    name: "NotImplemented",
    message: "lambda:PutProvisionedConcurrencyConfig is not part of the local cloud.",
  });
});
