import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LambdaCloud, startLambdaCloud } from "./testing.ts";

let cloud: LambdaCloud;
beforeAll(async () => {
  cloud = await startLambdaCloud();
});
afterAll(() => cloud[Symbol.asyncDispose]());

const python = (source: string, Handler = "app.handler") =>
  cloud.create({ "app.py": source }, { Runtime: "python3.12", Handler });

describe("a Python handler", () => {
  test("gets event and context, prints, logs and answers", async () => {
    const name = await python(`
import logging
logger = logging.getLogger()
logger.setLevel(logging.INFO)
def handler(event, context):
    print("printed", event["a"])
    logger.info("logged")
    return {"name": context.function_name, "time": context.get_remaining_time_in_millis() > 2000, "text": "ü"}
`);
    const { payload, log } = await cloud.invoke(name, { a: "ü" });
    expect(payload).toEqual({ name, time: true, text: "ü" });
    expect(log).toMatch(/\nprinted ü\n\[INFO\]\t\S+Z\t[0-9a-f-]{36}\tlogged\nEND/);
  });

  test("that raises answers and logs the error with the lines of its own code only", async () => {
    const name = await python(
      "def inner():\n    raise ValueError('boom')\ndef handler(event, context):\n    inner()\n",
    );
    const { payload, error, log } = await cloud.invoke(name);
    expect(error).toBe("Unhandled");
    expect(payload).toMatchObject({ errorType: "ValueError", errorMessage: "boom" });
    const { stackTrace } = payload as { stackTrace: string[] };
    expect(stackTrace).toHaveLength(2);
    expect(stackTrace[1]).toMatch(/app\.py", line 2, in inner\n {4}raise ValueError\('boom'\)/);
    expect(log).toMatch(
      /\[ERROR\] ValueError: boom\nTraceback \(most recent call last\):\n {2}File ".*app\.py", line 4, in handler/,
    );
    expect(await cloud.invoke(name)).toMatchObject({ error: "Unhandled" });
  });

  test("turns Decimals into numbers and refuses what is no JSON", async () => {
    const decimals = await python(
      "from decimal import Decimal\ndef handler(e, c):\n    return [Decimal('1'), Decimal('1.5')]",
    );
    expect((await cloud.invoke(decimals)).payload).toEqual([1, 1.5]);
    const objects = await python("def handler(e, c):\n    return object()");
    expect((await cloud.invoke(objects)).payload).toMatchObject({
      errorType: "Runtime.MarshalError",
      errorMessage: "Unable to marshal response: Object of type object is not JSON serializable",
    });
  });

  const broken: [what: string, source: string, handler: string, expected: object][] = [
    [
      "a missing module",
      "",
      "nope.handler",
      {
        errorType: "Runtime.ImportModuleError",
        errorMessage: "Unable to import module 'nope': No module named 'nope'",
      },
    ],
    ["a missing dependency", "import nope", "app.handler", { errorType: "Runtime.ImportModuleError" }],
    [
      "a missing function",
      "",
      "app.handler",
      { errorType: "Runtime.HandlerNotFound", errorMessage: "Handler 'handler' missing on module 'app'" },
    ],
    ["a syntax error", "def handler(", "app.handler", { errorType: "Runtime.UserCodeSyntaxError" }],
    [
      "an error while loading",
      "1 / 0",
      "app.handler",
      { errorType: "ZeroDivisionError", errorMessage: "division by zero" },
    ],
    ["a handler without a dot", "", "handler", { errorType: "Runtime.MalformedHandlerName" }],
  ];
  test.each(broken)("with %s fails as on AWS", async (_what, source, handler, expected) => {
    expect(await cloud.invoke(await python(source, handler))).toMatchObject({
      payload: expected,
      error: "Unhandled",
    });
  });

  test("that exits, hangs or eats memory is ended, and the next invocation runs", async () => {
    const name = await cloud.create(
      {
        "app.py": [
          "import sys",
          "def handler(event, context):",
          "    if event == 'exit': sys.exit(3)",
          "    while event == 'hang': pass",
          "    kept = []",
          "    while event == 'eat': kept.append(bytearray(b'x' * 1000000))",
          "    return 'fine'",
        ].join("\n"),
      },
      { Runtime: "python3.12", Handler: "app.handler", Timeout: 2 },
    );
    expect((await cloud.invoke(name, "exit")).payload).toMatchObject({
      errorMessage: expect.stringContaining("Runtime exited with error: exit status 3"),
    });
    expect((await cloud.invoke(name, "hang")).payload).toMatchObject({ errorType: "Sandbox.Timedout" });
    expect((await cloud.invoke(name, "eat")).payload).toMatchObject({ errorType: "Runtime.OutOfMemory" });
    expect((await cloud.invoke(name, "")).payload).toBe("fine");
  });
});

test("an interpreter that is not there is named in the answer and the log", async () => {
  await using other = await startLambdaCloud({ runtimes: { python: { interpreter: "/no/such/python" } } });
  const name = await other.create({ "app.py": "" }, { Runtime: "python3.12", Handler: "app.handler" });
  const { payload, error } = await other.invoke(name);
  expect(error).toBe("Unhandled");
  expect(payload).toMatchObject({
    errorType: "Runtime.InterpreterNotFound",
    errorMessage: expect.stringContaining("/no/such/python"),
  });
  expect(other.events).toContainEqual(
    expect.objectContaining({ type: "function.log", line: expect.stringContaining("/no/such/python") }),
  );
});
