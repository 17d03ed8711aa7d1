import {
  GetFunctionCommand,
  GetFunctionUrlConfigCommand,
  GetPolicyCommand,
  InvokeCommand,
  LambdaClient,
  ListTagsCommand,
} from "@aws-sdk/client-lambda";
import type { Properties } from "@bowline/engine";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LocalAws, startLocalAws } from "../testing.ts";

let aws: LocalAws;
let lambda: LambdaClient;
let role: string;
beforeAll(async () => {
  aws = await startLocalAws();
  lambda = aws.client(LambdaClient);
  role = await roleNamed("Runner");
});
afterAll(() => aws?.[Symbol.asyncDispose]());

async function roleNamed(name: string): Promise<string> {
  const resource = aws.resource("aws:iam/role:Role", name);
  const Principal = { Service: "lambda.amazonaws.com" };
  await resource.up({
    assumeRolePolicy: {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal, Action: "sts:AssumeRole" }],
    },
  });
  return String(resource.outputs.arn);
}

/** An archive as Pulumi's SDK puts it on the wire. */
function archive(files: Readonly<Record<string, string>>): Properties {
  const assets = Object.entries(files).map(([path, text]) => [
    path,
    { "4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", text, hash: text },
  ]);
  return {
    "4dabf18193072939515e22adb298388d": "0def7320c3a5731c473e5ecbe6d01bc7",
    assets: Object.fromEntries(assets),
    hash: JSON.stringify(files),
  };
}

const answering = (text: string) =>
  archive({ "index.mjs": `export const handler = async () => ${JSON.stringify(text)};` });
const base = () => ({ role, runtime: "nodejs22.x", handler: "index.handler", code: answering("hello") });

async function answerOf(name: string): Promise<unknown> {
  const { Payload } = await lambda.send(new InvokeCommand({ FunctionName: name }));
  return JSON.parse(Buffer.from(Payload ?? []).toString());
}

describe("a function", () => {
  test("runs, and has the outputs of @pulumi/aws", async () => {
    const fn = aws.resource("aws:lambda/function:Function", "Hello");
    const preview = await fn.preview(base());
    expect(await fn.up({ ...base(), environment: { variables: { A: "1" } }, tags: { team: "a" } })).toBe(
      "create",
    );
    expect(await answerOf(fn.id)).toBe("hello");
    const arn = `arn:aws:lambda:us-east-1:000000000000:function:${fn.id}`;
    expect(fn.outputs).toMatchObject({
      name: fn.id,
      arn,
      qualifiedArn: `${arn}:$LATEST`,
      version: "$LATEST",
      invokeArn: `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${arn}/invocations`,
      sourceCodeHash: expect.stringMatching(/=$/),
      lastModified: expect.stringMatching(/^\d{4}-/),
      memorySize: 128,
      timeout: 3,
      architectures: ["x86_64"],
      loggingConfig: { logGroup: `/aws/lambda/${fn.id}` },
      tagsAll: { team: "a" },
    });
    expect(preview).toMatchObject({ arn, invokeArn: fn.outputs.invokeArn });
    const { Tags } = await lambda.send(new ListTagsCommand({ Resource: arn }));
    expect(Tags).toEqual({ team: "a" });
  });

  test("takes new code and settings without being replaced", async () => {
    const fn = aws.resource("aws:lambda/function:Function", "Changing");
    await fn.up({ ...base(), tags: { old: "1" } });
    const before = fn.outputs.sourceCodeHash;
    expect(await fn.up({ ...base(), code: answering("hello"), tags: { old: "1" } })).toBe("same");
    expect(await fn.up({ ...base(), code: answering("changed"), timeout: 10, tags: { new: "1" } })).toBe(
      "update",
    );
    expect(await answerOf(fn.id)).toBe("changed");
    expect(fn.outputs.sourceCodeHash).not.toBe(before);
    const { Configuration, Tags } = await lambda.send(new GetFunctionCommand({ FunctionName: fn.id }));
    expect(Configuration?.Timeout).toBe(10);
    expect(Tags).toEqual({ new: "1" });
  });

  test("previews what an update leaves as it is, and nothing else", async () => {
    const fn = aws.resource("aws:lambda/function:Function", "Previewed");
    await fn.up(base());
    const preview = await fn.preview({ ...base(), code: answering("other") });
    expect(preview.arn).toBe(fn.outputs.arn);
    expect(preview).not.toHaveProperty("sourceCodeHash");
    expect(preview).not.toHaveProperty("lastModified");
  });

  test("that a crash left behind is taken up with what is wanted now", async () => {
    const fn = aws.resource("aws:lambda/function:Function", "Crashed");
    await fn.up(base());
    const name = fn.id;
    await fn.createAgain({ ...base(), code: answering("again"), memorySize: 256 });
    expect(fn.id).toBe(name);
    expect(fn.outputs.memorySize).toBe(256);
    expect(await answerOf(name)).toBe("again");
  });

  test("is gone when deleted, and deleted again without complaint", async () => {
    const fn = aws.resource("aws:lambda/function:Function", "Gone");
    await fn.up(base());
    await fn.delete();
    expect(await fn.refresh()).toBe(false);
    await fn.delete();
  });

  test("without code, handler or runtime is refused before anything is made", async () => {
    const fn = aws.resource("aws:lambda/function:Function", "Bad");
    await expect(fn.up({ role, runtime: "nodejs22.x" })).rejects.toThrow(
      /needs its code[\s\S]*"handler" is required/,
    );
  });

  test("publishes a version with each change when asked to", async () => {
    const fn = aws.resource("aws:lambda/function:Function", "Versioned");
    await fn.up({ ...base(), publish: true });
    expect(fn.outputs).toMatchObject({ version: "1", qualifiedArn: expect.stringMatching(/:1$/) });
    await fn.up({ ...base(), publish: true, code: answering("two") });
    expect(fn.outputs.version).toBe("2");
  });
});

describe("a function URL", () => {
  test("is open to all without authorisation, and moves with the cloud", async () => {
    await using local = await startLocalAws();
    const holder = local.resource("aws:iam/role:Role", "Holder");
    const Principal = { Service: "lambda.amazonaws.com" };
    await holder.up({
      assumeRolePolicy: {
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal, Action: "sts:AssumeRole" }],
      },
    });
    const fn = local.resource("aws:lambda/function:Function", "Api");
    await fn.up({ ...base(), role: String(holder.outputs.arn) });
    const url = local.resource("aws:lambda/functionUrl:FunctionUrl", "Api");
    const inputs = { functionName: fn.id, authorizationType: "NONE" };
    expect(await url.up(inputs)).toBe("create");
    expect(url.outputs).toMatchObject({ functionArn: fn.outputs.arn, invokeMode: "BUFFERED" });
    expect(String(url.outputs.urlId)).not.toBe("");
    expect(await (await fetch(String(url.outputs.functionUrl))).text()).toBe("hello");
    expect(await url.up(inputs)).toBe("same");

    const before = String(url.outputs.functionUrl);
    await local.move();
    const preview = await url.preview(inputs);
    expect(await url.up(inputs)).toBe("update");
    expect(url.outputs.functionUrl).not.toBe(before);
    expect(preview.functionUrl).toBe(url.outputs.functionUrl);
    expect(await (await fetch(String(url.outputs.functionUrl))).text()).toBe("hello");
  });

  test("is changed in place, adopted after a crash, and removed", async () => {
    const fn = aws.resource("aws:lambda/function:Function", "WithUrl");
    await fn.up(base());
    const url = aws.resource("aws:lambda/functionUrl:FunctionUrl", "WithUrl");
    await url.up({ functionName: fn.id, authorizationType: "AWS_IAM" });
    expect((await fetch(String(url.outputs.functionUrl))).status).toBe(403);
    const cors = { allowOrigins: ["https://example.com"], maxAge: 60 };
    expect(await url.up({ functionName: fn.id, authorizationType: "NONE", cors })).toBe("update");
    expect((await fetch(String(url.outputs.functionUrl))).status).toBe(200);
    const { Cors } = await lambda.send(new GetFunctionUrlConfigCommand({ FunctionName: fn.id }));
    expect(Cors).toMatchObject({ AllowOrigins: ["https://example.com"], MaxAge: 60 });
    await url.createAgain({ functionName: fn.id, authorizationType: "NONE" });
    await url.delete();
    expect(await url.refresh()).toBe(false);
    await url.delete();
  });
});

test("a permission is a statement of the function's policy, replaced when it changes", async () => {
  const fn = aws.resource("aws:lambda/function:Function", "Permitting");
  await fn.up(base());
  const permission = aws.resource("aws:lambda/permission:Permission", "FromBucket");
  const inputs = {
    function: String(fn.outputs.arn),
    action: "lambda:InvokeFunction",
    principal: "s3.amazonaws.com",
  };
  expect(await permission.up({ ...inputs, sourceArn: "arn:aws:s3:::one" })).toBe("create");
  expect(permission.outputs.statementId).toBe(permission.id);
  expect(await permission.up({ ...inputs, sourceArn: "arn:aws:s3:::two" })).toBe("replace");
  const { Policy } = await lambda.send(new GetPolicyCommand({ FunctionName: fn.id }));
  const { Statement } = JSON.parse(Policy ?? "{}");
  expect(Statement).toMatchObject([
    { Sid: permission.id, Condition: { ArnLike: { "AWS:SourceArn": "arn:aws:s3:::two" } } },
  ]);
  await permission.createAgain({ ...inputs, sourceArn: "arn:aws:s3:::two" });
  await permission.delete();
  expect(await permission.refresh()).toBe(false);
  await permission.delete();
});

test("an alias points at a version, and can be pointed at another", async () => {
  const fn = aws.resource("aws:lambda/function:Function", "Aliased");
  await fn.up({ ...base(), publish: true });
  const alias = aws.resource("aws:lambda/alias:Alias");
  const inputs = { functionName: fn.id, name: "live", functionVersion: "1" };
  expect(await alias.up(inputs)).toBe("create");
  expect(alias.outputs.arn).toBe(`${fn.outputs.arn}:live`);
  expect(await answerOf(`${fn.id}:live`)).toBe("hello");
  await fn.up({ ...base(), publish: true, code: answering("two") });
  expect(await alias.up({ ...inputs, functionVersion: "2" })).toBe("update");
  expect(await answerOf(`${fn.id}:live`)).toBe("two");
  await alias.createAgain({ ...inputs, functionVersion: "1" });
  await alias.delete();
  expect(await alias.refresh()).toBe(false);
});

test("what becomes of asynchronous invocations is put, changed and removed", async () => {
  const fn = aws.resource("aws:lambda/function:Function", "Async");
  await fn.up(base());
  const config = aws.resource("aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig");
  expect(await config.up({ functionName: fn.id, maximumRetryAttempts: 0 })).toBe("create");
  expect(await config.up({ functionName: fn.id, maximumRetryAttempts: 1 })).toBe("update");
  expect(config.outputs.maximumRetryAttempts).toBe(1);
  await config.delete();
  expect(await config.refresh()).toBe(false);
  await config.delete();
});

test("a layer is a new version with each change", async () => {
  const layer = aws.resource("aws:lambda/layerVersion:LayerVersion");
  const inputs = {
    layerName: "shared",
    compatibleRuntimes: ["nodejs22.x"],
    code: archive({ "nodejs/a.mjs": "1" }),
  };
  await layer.up(inputs);
  expect(layer.outputs).toMatchObject({
    layerArn: "arn:aws:lambda:us-east-1:000000000000:layer:shared",
    arn: "arn:aws:lambda:us-east-1:000000000000:layer:shared:1",
    version: "1",
  });
  expect(await layer.up({ ...inputs, code: archive({ "nodejs/a.mjs": "2" }) })).toBe("replace");
  expect(layer.outputs.version).toBe("2");
  await layer.delete();
  expect(await layer.refresh()).toBe(false);
  await layer.delete();
});
