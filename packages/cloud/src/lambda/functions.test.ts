import { DeleteRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import {
  DeleteFunctionCommand,
  GetFunctionCommand,
  InvokeCommand,
  LambdaClient,
  ListFunctionsCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LambdaCloud, startLambdaCloud, zip } from "./testing.ts";

let cloud: LambdaCloud;
beforeAll(async () => {
  cloud = await startLambdaCloud();
});
afterAll(() => cloud[Symbol.asyncDispose]());

const echo = {
  "index.mjs": "export const handler = async (event, context) => ({ event, id: context.awsRequestId })",
};

describe("invoking", () => {
  test("gives the handler its event and the caller its answer", async () => {
    const name = await cloud.create(echo);
    const { payload, error } = await cloud.invoke(name, { a: "ü" });
    expect(error).toBeUndefined();
    expect(payload).toMatchObject({ event: { a: "ü" }, id: expect.stringMatching(/^[0-9a-f-]{36}$/) });
  });

  test("LogType Tail gives START, what was printed, END and REPORT", async () => {
    const name = await cloud.create({
      "index.mjs":
        "export const handler = async () => { console.log('one\\ntwo'); process.stdout.write('three') }",
    });
    const { log } = await cloud.invoke(name);
    expect(log).toMatch(
      /^START RequestId: (\S+) Version: \$LATEST\none\ntwo\nthree\nEND RequestId: \1\nREPORT RequestId: \1\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\tMax Memory Used: \d+ MB\tInit Duration: [\d.]+ ms\t\n$/,
    );
  });

  test("a thrown error is the answer, its stack in the log, and an event", async () => {
    const name = await cloud.create({
      "index.mjs": "export const handler = async () => { throw new TypeError('boom') }",
    });
    const { payload, error, log } = await cloud.invoke(name);
    expect(error).toBe("Unhandled");
    expect(payload).toMatchObject({
      errorType: "TypeError",
      errorMessage: "boom",
      trace: ["TypeError: boom", expect.stringMatching(/at .*handler .*index\.mjs:1:/)],
    });
    expect(log).toContain(
      'ERROR\tInvoke Error \t{"errorType":"TypeError","errorMessage":"boom","stack":["TypeError: boom"',
    );
    const event = await cloud.event((e) => e.type === "function.invocation" && e.functionName === name);
    expect(event).toMatchObject({ coldStart: true, error: { errorType: "TypeError", errorMessage: "boom" } });
  });

  test("DryRun checks and runs nothing; an unknown function is not found", async () => {
    const name = await cloud.create(echo);
    const { lambda } = cloud;
    expect(
      await lambda.send(new InvokeCommand({ FunctionName: name, InvocationType: "DryRun" })),
    ).toMatchObject({
      StatusCode: 204,
    });
    await expect(lambda.send(new InvokeCommand({ FunctionName: "nobody" }))).rejects.toMatchObject({
      name: "ResourceNotFoundException",
      message: "Function not found: arn:aws:lambda:us-east-1:000000000000:function:nobody",
    });
  });

  test("a role without lambda:InvokeFunction is refused, one with it is not", async () => {
    const name = await cloud.create(echo);
    const arn = `arn:aws:lambda:us-east-1:000000000000:function:${name}`;
    const command = new InvokeCommand({ FunctionName: name });
    const stranger = cloud.client(LambdaClient, await cloud.roleWith([]));
    await expect(stranger.send(command)).rejects.toMatchObject({ name: "AccessDeniedException" });
    const friend = cloud.client(
      LambdaClient,
      await cloud.roleWith([{ Effect: "Allow", Action: "lambda:InvokeFunction", Resource: arn }]),
    );
    expect((await friend.send(command)).StatusCode).toBe(200);
  });

  test("the payload may have 6 MB and no more", async () => {
    const name = await cloud.create({ "index.mjs": "export const handler = async (event) => event.length" });
    const text = "x".repeat(6_291_456 - 2);
    expect((await cloud.invoke(name, text)).payload).toBe(text.length);
    await expect(cloud.invoke(name, `${text}y`)).rejects.toMatchObject({ name: "RequestTooLargeException" });
  });
});

describe("the process", () => {
  test("sees what Lambda sets, the function's variables, its role and nothing else", async () => {
    process.env.BOWLINE_TEST_SECRET = "leaked";
    const name = await cloud.create(
      { "index.mjs": "export const handler = async () => ({ env: process.env, cwd: process.cwd() })" },
      { Environment: { Variables: { GREETING: "hello" } } },
    );
    const { env, cwd } = (await cloud.invoke(name)).payload as { env: Record<string, string>; cwd: string };
    expect(env).toMatchObject({
      GREETING: "hello",
      AWS_REGION: "us-east-1",
      AWS_ENDPOINT_URL: cloud.cloud.endpoint,
      AWS_LAMBDA_FUNCTION_NAME: name,
      LAMBDA_TASK_ROOT: cwd,
    });
    expect(Object.keys(env).sort()).toEqual(
      [
        "PATH LANG TZ HOME LAMBDA_TASK_ROOT LAMBDA_RUNTIME_DIR AWS_REGION AWS_DEFAULT_REGION AWS_ENDPOINT_URL",
        "AWS_EXECUTION_ENV AWS_LAMBDA_FUNCTION_NAME AWS_LAMBDA_FUNCTION_VERSION AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_LOG_FORMAT AWS_LAMBDA_LOG_GROUP_NAME AWS_LAMBDA_LOG_STREAM_NAME AWS_LAMBDA_INITIALIZATION_TYPE _HANDLER GREETING",
        "AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_LAMBDA_RUNTIME_API _X_AMZN_TRACE_ID",
      ]
        .join(" ")
        .split(" ")
        .sort(),
    );
  });

  test("is reused while warm and doubled when two invocations meet", async () => {
    const name = await cloud.create({
      "index.mjs": `const born = Math.random();
        export const handler = async ({ wait }) => { await new Promise((r) => setTimeout(r, wait)); return born; }`,
    });
    const first = (await cloud.invoke(name, { wait: 0 })).payload;
    expect((await cloud.invoke(name, { wait: 0 })).payload).toBe(first);
    const both = await Promise.all([cloud.invoke(name, { wait: 300 }), cloud.invoke(name, { wait: 300 })]);
    expect(new Set(both.map(({ payload }) => payload)).size).toBe(2);
  });

  test("runs new code and configuration from the next invocation on", async () => {
    const name = await cloud.create({ "index.mjs": "export const handler = async () => 1" });
    expect((await cloud.invoke(name)).payload).toBe(1);
    const { lambda } = cloud;
    await lambda.send(
      new UpdateFunctionCodeCommand({
        FunctionName: name,
        ZipFile: zip({ "index.mjs": "export const handler = async () => process.env.TWO ?? 2" }),
      }),
    );
    expect((await cloud.invoke(name)).payload).toBe(2);
    await lambda.send(
      new UpdateFunctionConfigurationCommand({
        FunctionName: name,
        Environment: { Variables: { TWO: "two" } },
      }),
    );
    expect((await cloud.invoke(name)).payload).toBe("two");
  });

  test("an update lets what runs finish on the old code", async () => {
    const name = await cloud.create({
      "index.mjs": `console.log("loaded"); export const handler = async ({ wait }) => {
        console.log("started"); await new Promise((r) => setTimeout(r, wait)); return "old"; }`,
    });
    const running = cloud.invoke(name, { wait: 400 });
    await cloud.event((e) => e.type === "function.log" && e.functionName === name && e.line === "started");
    await cloud.lambda.send(
      new UpdateFunctionCodeCommand({
        FunctionName: name,
        ZipFile: zip({ "index.mjs": "export const handler = async () => 'new'" }),
      }),
    );
    expect((await cloud.invoke(name)).payload).toBe("new");
    expect((await running).payload).toBe("old");
  });

  test("is killed at the timeout, with AWS's words", async () => {
    const name = await cloud.create(
      { "index.mjs": "export const handler = async () => { for (;;); }" },
      { Timeout: 1 },
    );
    const { payload, error, log } = await cloud.invoke(name);
    expect(error).toBe("Unhandled");
    expect(payload).toMatchObject({
      errorType: "Sandbox.Timedout",
      errorMessage: expect.stringMatching(/^RequestId: \S+ Error: Task timed out after 1\.00 seconds$/),
    });
    expect(log).toMatch(/Task timed out after 1\.00 seconds\n/);
  });

  test("is killed when it outgrows its memory, heap or buffers", async () => {
    const name = await cloud.create(
      {
        "index.mjs": `export const handler = async ({ heap }) => {
          const kept = [];
          for (;;) { kept.push(heap ? new Array(1e5).fill({}) : Buffer.alloc(1e6, 1)); await new Promise(setImmediate); }
        }`,
      },
      { Timeout: 20 },
    );
    for (const heap of [true, false]) {
      const { payload } = await cloud.invoke(name, { heap });
      expect(payload).toMatchObject({ errorType: "Runtime.OutOfMemory" });
    }
  });

  test("that exits or is killed fails its invocation and nothing else", async () => {
    const name = await cloud.create({
      "index.mjs": `export const handler = async ({ how }) => {
        if (how === "exit") process.exit(7);
        if (how === "kill") process.kill(process.pid, "SIGKILL");
        if (how === "throw") { setTimeout(() => { throw new Error("late"); }); await new Promise((r) => setTimeout(r, 1000)); }
        if (how === "reject") { Promise.reject(new RangeError("lost")); await new Promise((r) => setTimeout(r, 1000)); }
        return "fine";
      }`,
    });
    const answer = async (how: string) => (await cloud.invoke(name, { how })).payload;
    expect(await answer("exit")).toMatchObject({
      errorType: "Runtime.ExitError",
      errorMessage: expect.stringMatching(/Error: Runtime exited with error: exit status 7$/),
    });
    expect(await answer("kill")).toMatchObject({
      errorMessage: expect.stringMatching(/Error: Runtime exited with error: signal: killed$/),
    });
    expect(await answer("throw")).toMatchObject({ errorType: "Error", errorMessage: "late" });
    expect(await answer("reject")).toMatchObject({
      errorType: "Runtime.UnhandledPromiseRejection",
      errorMessage: "RangeError: lost",
    });
    expect(await answer("")).toBe("fine");
  });
});

describe("handlers", () => {
  const cases: [what: string, files: Record<string, string>, handler: string, expected: unknown][] = [
    ["an ES module", { "index.mjs": "export const handler = async () => 'esm'" }, "index.handler", "esm"],
    ["a CommonJS module", { "index.cjs": "exports.handler = async () => 'cjs'" }, "index.handler", "cjs"],
    [
      "plain .js as CommonJS",
      { "index.js": "exports.handler = async () => __filename.slice(-8)" },
      "index.handler",
      "index.js",
    ],
    [
      ".js in a package of type module",
      { "index.js": "export const handler = async () => 'type module'", "package.json": '{"type":"module"}' },
      "index.handler",
      "type module",
    ],
    [
      "a nested file",
      { "src/orders.mjs": "export const create = async () => 'nested'" },
      "src/orders.create",
      "nested",
    ],
    ["a nested export", { "index.js": "exports.a = { b: async () => 'deep' }" }, "index.a.b", "deep"],
    [
      "a default export with the handler in it",
      { "index.mjs": "export default { handler: async () => 'default' }" },
      "index.handler",
      "default",
    ],
    [
      "a callback",
      { "index.js": "exports.handler = (e, c, done) => setTimeout(() => done(null, 'called'), 5)" },
      "index.handler",
      "called",
    ],
    [
      "a callback that waits for the event loop",
      {
        "index.js":
          "exports.handler = (e, c, done) => { let n = 0; setTimeout(() => n++, 30); done(null, { toJSON: () => n }) }",
      },
      "index.handler",
      1,
    ],
    ["nothing returned", { "index.js": "exports.handler = () => {}" }, "index.handler", null],
    [
      "a bundled dependency",
      {
        "index.mjs": "import x from 'x'; export const handler = async () => x",
        "node_modules/x/index.js": "module.exports = 'dep'",
      },
      "index.handler",
      "dep",
    ],
    [
      "the context",
      {
        "index.mjs": `export const handler = async (e, c) => [c.functionName.length > 0, c.functionVersion, c.memoryLimitInMB,
          c.invokedFunctionArn.startsWith("arn:aws:lambda:"), c.getRemainingTimeInMillis() > 2000]`,
      },
      "index.handler",
      [true, "$LATEST", "128", true, true],
    ],
  ];
  test.each(cases)("%s", async (_what, files, Handler, expected) => {
    const name = await cloud.create(files, { Handler });
    expect(await cloud.invoke(name)).toMatchObject({ payload: expected, error: undefined });
  });

  const broken: [what: string, files: Record<string, string>, handler: string, expected: object][] = [
    [
      "a module that is not there",
      { "index.mjs": "" },
      "nope.handler",
      {
        errorType: "Runtime.ImportModuleError",
        errorMessage: expect.stringContaining("Error: Cannot find module 'nope'"),
      },
    ],
    [
      "a missing dependency",
      { "index.mjs": "import 'nope'" },
      "index.handler",
      { errorType: "Runtime.ImportModuleError", errorMessage: expect.stringContaining("'nope'") },
    ],
    [
      "an export that is not there",
      { "index.mjs": "" },
      "index.handler",
      { errorType: "Runtime.HandlerNotFound", errorMessage: "index.handler is undefined or not exported" },
    ],
    [
      "a syntax error",
      { "index.js": "exports.handler = (" },
      "index.handler",
      { errorType: "Runtime.UserCodeSyntaxError" },
    ],
    [
      "an error while loading",
      { "index.mjs": "throw new RangeError('at load')" },
      "index.handler",
      { errorType: "RangeError", errorMessage: "at load" },
    ],
    [
      "a handler without a dot",
      { "index.mjs": "" },
      "handler",
      { errorType: "Runtime.MalformedHandlerName", errorMessage: "Bad handler" },
    ],
    [
      "an answer that is no JSON",
      { "index.mjs": "export const handler = async () => 1n" },
      "index.handler",
      { errorType: "Error", errorMessage: "Unable to stringify response body" },
    ],
  ];
  test.each(broken)("%s fails as on AWS", async (_what, files, Handler, expected) => {
    const name = await cloud.create(files, { Handler });
    expect(await cloud.invoke(name)).toMatchObject({ payload: expected, error: "Unhandled" });
  });
});

test("a function whose role is gone says so", async () => {
  const name = await cloud.create(echo);
  const { Configuration } = await cloud.lambda.send(new GetFunctionCommand({ FunctionName: name }));
  const RoleName = Configuration?.Role?.split("/").at(-1);
  await cloud.client(IAMClient).send(new DeleteRoleCommand({ RoleName }));
  await expect(cloud.invoke(name)).rejects.toMatchObject({
    name: "AccessDeniedException",
    message: expect.stringContaining("The role defined for the function cannot be assumed by Lambda."),
  });
});

describe("functions", () => {
  test("are listed, described and deleted", async () => {
    const name = await cloud.create(echo, { Description: "what it does", Timeout: 7, MemorySize: 256 });
    const { lambda } = cloud;
    const { Configuration, Code } = await lambda.send(new GetFunctionCommand({ FunctionName: name }));
    expect(Configuration).toMatchObject({
      FunctionName: name,
      Description: "what it does",
      Timeout: 7,
      MemorySize: 256,
      State: "Active",
      LastUpdateStatus: "Successful",
      Version: "$LATEST",
    });
    const zipped = await fetch(Code?.Location ?? "");
    expect(new Uint8Array(await zipped.arrayBuffer())).toEqual(zip(echo));
    const { Functions } = await lambda.send(new ListFunctionsCommand({}));
    expect(Functions?.map(({ FunctionName }) => FunctionName)).toContain(name);
    await lambda.send(new DeleteFunctionCommand({ FunctionName: name }));
    await expect(lambda.send(new GetFunctionCommand({ FunctionName: name }))).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
  });

  test("cannot be unpacked outside their folder", async () => {
    await expect(cloud.create({ "../../evil.mjs": "", "index.mjs": "" })).rejects.toMatchObject({
      name: "InvalidParameterValueException",
      message: expect.stringContaining("../../evil.mjs"),
    });
  });

  test.each([
    ["a reserved variable", { Environment: { Variables: { AWS_REGION: "x" } } }, "AWS_REGION"],
    ["a runtime we cannot run", { Runtime: "java21" as const }, "java21"],
    ["too long a timeout", { Timeout: 901 }, "901"],
  ])("with %s are refused", async (_what, more, named) => {
    await expect(cloud.create(echo, more)).rejects.toMatchObject({
      name: "InvalidParameterValueException",
      message: expect.stringContaining(named),
    });
  });

  test("survive a restart of the cloud", async () => {
    await using other = await startLambdaCloud();
    const name = await other.create(echo);
    await other.restart();
    expect(await other.invoke(name, 1)).toMatchObject({ payload: { event: 1 } });
  });
});
