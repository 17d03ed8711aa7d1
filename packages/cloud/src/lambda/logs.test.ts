import * as sdk from "@aws-sdk/client-cloudwatch-logs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LambdaCloud, startLambdaCloud } from "./testing.ts";

let cloud: LambdaCloud;
beforeAll(async () => {
  cloud = await startLambdaCloud();
});
afterAll(() => cloud[Symbol.asyncDispose]());
const logs = () => cloud.client(sdk.CloudWatchLogsClient);

const allowed = [
  {
    Effect: "Allow" as const,
    Action: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
    Resource: "*",
  },
];
const printing = {
  "index.mjs":
    "export const handler = async ({ text }, context) => { console.log(text); return context.logStreamName }",
};

async function messages(logGroupName: string): Promise<string[]> {
  const { events = [] } = await logs().send(new sdk.FilterLogEventsCommand({ logGroupName }));
  return events.map(({ message }) => message ?? "");
}

describe("a function's log", () => {
  test("has what it printed between START, END and REPORT, in its environment's stream", async () => {
    const name = await cloud.create(printing, { statements: allowed });
    const { payload: stream } = await cloud.invoke(name, { text: "hello" });
    await cloud.invoke(name, { text: "again" });
    const logGroupName = `/aws/lambda/${name}`;
    const { events = [] } = await logs().send(
      new sdk.GetLogEventsCommand({ logGroupName, logStreamName: String(stream), startFromHead: true }),
    );
    expect(events.map(({ message }) => message?.replace(/(RequestId: )\S+/, "$1ID").split("\t")[0])).toEqual([
      "START RequestId: ID Version: $LATEST\n",
      "hello\n",
      "END RequestId: ID\n",
      "REPORT RequestId: ID",
      "START RequestId: ID Version: $LATEST\n",
      "again\n",
      "END RequestId: ID\n",
      "REPORT RequestId: ID",
    ]);
    const { logStreams } = await logs().send(new sdk.DescribeLogStreamsCommand({ logGroupName }));
    expect(logStreams?.map(({ logStreamName }) => logStreamName)).toEqual([stream]);
    expect(stream).toMatch(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/);
  });

  test("is in the group the function names, which is made anew when it was deleted", async () => {
    const group = "/shop/api";
    const name = await cloud.create(printing, {
      statements: allowed,
      LoggingConfig: { LogGroup: group },
    });
    await cloud.invoke(name, { text: "first" });
    expect(await messages(group)).toContain("first\n");
    await logs().send(new sdk.DeleteLogGroupCommand({ logGroupName: group }));
    await cloud.invoke(name, { text: "second" });
    const left = await messages(group);
    expect(left).toContain("second\n");
    expect(left).not.toContain("first\n");
  });

  test("is not kept where the role may not write it, and the audit says so once", async () => {
    const name = await cloud.create(printing);
    for (const text of ["a", "b", "c"]) {
      await cloud.invoke(name, { text });
      await expect(messages(`/aws/lambda/${name}`)).rejects.toMatchObject({
        name: "ResourceNotFoundException",
      });
    }
    const denied = cloud.cloud.audit({ decision: "deny" }).filter(({ resource }) => resource.includes(name));
    expect(denied.map(({ action }) => action)).toEqual(["logs:CreateLogStream"]);
  });

  test("keeps empty, wide and very long lines", async () => {
    const name = await cloud.create(
      {
        "index.mjs":
          "export const handler = async () => { console.log('\\nü'.repeat(2)); console.log('ß'.repeat(300_000)); }",
      },
      { statements: allowed },
    );
    await cloud.invoke(name);
    const [, ...printed] = await messages(`/aws/lambda/${name}`);
    expect(printed.slice(0, 3)).toEqual(["\n", "ü\n", "ü\n"]);
    expect(printed.filter((line) => line.startsWith("ß")).every((line) => /^ß+\n$/.test(line))).toBe(true);
  });

  test("survives a restart of the cloud", async () => {
    await using other = await startLambdaCloud();
    const name = await other.create(printing, { statements: allowed });
    await other.invoke(name, { text: "kept" });
    await other.restart();
    const { events = [] } = await other
      .client(sdk.CloudWatchLogsClient)
      .send(new sdk.FilterLogEventsCommand({ logGroupName: `/aws/lambda/${name}`, filterPattern: "kept" }));
    expect(events).toHaveLength(1);
  });

  test("is JSON where the function asks for it, down to the levels it names", async () => {
    const name = await cloud.create(
      {
        "index.mjs": `export const handler = async ({ fail }) => {
          console.debug("left out"); console.info({ order: 7 }); console.warn("slow: %d ms", 12);
          if (fail) throw new TypeError("boom");
        }`,
      },
      { statements: allowed, LoggingConfig: { LogFormat: "JSON", SystemLogLevel: "WARN" } },
    );
    await cloud.invoke(name);
    await cloud.invoke(name, { fail: true });
    const records = (await messages(`/aws/lambda/${name}`)).map((line) => JSON.parse(line));
    const requestId = expect.stringMatching(/^[0-9a-f-]{36}$/);
    const timestamp = expect.stringMatching(/^\d{4}-.*Z$/);
    const printed = [
      { timestamp, level: "INFO", requestId, message: { order: 7 } },
      { timestamp, level: "WARN", requestId, message: "slow: 12 ms" },
    ];
    expect(records).toEqual([
      ...printed,
      ...printed,
      {
        timestamp,
        level: "ERROR",
        requestId,
        message: { errorType: "TypeError", errorMessage: "boom", stackTrace: expect.any(Array) },
      },
      {
        time: timestamp,
        type: "platform.report",
        record: expect.objectContaining({ requestId, status: "error", errorType: "TypeError" }),
      },
    ]);
  });

  test("is JSON from Python's logging as well", async () => {
    const name = await cloud.create(
      {
        "index.py": `
import logging
def handler(event, context):
    logging.info("hello %s", "you")
    logging.warning("careful")
`,
      },
      {
        statements: allowed,
        Runtime: "python3.12",
        LoggingConfig: { LogFormat: "JSON", ApplicationLogLevel: "WARN" },
      },
    );
    await cloud.invoke(name);
    const records = (await messages(`/aws/lambda/${name}`)).map((line) => JSON.parse(line));
    expect(records.map(({ type, message }) => type ?? message)).toEqual([
      "platform.start",
      "careful",
      "platform.report",
    ]);
  });
});
