import { DatabaseSync } from "node:sqlite";
import * as sdk from "@aws-sdk/client-cloudwatch-logs";
import { afterAll, describe, expect, it } from "vitest";
import { startTestCloud } from "../testing.ts";
import { openLogStore } from "./store.ts";

const test = await startTestCloud();
afterAll(() => test[Symbol.asyncDispose]());
const logs = () => test.client(sdk.CloudWatchLogsClient);

async function newGroup(logGroupName: string, ...streams: string[]): Promise<string> {
  await logs().send(new sdk.CreateLogGroupCommand({ logGroupName }));
  for (const logStreamName of streams)
    await logs().send(new sdk.CreateLogStreamCommand({ logGroupName, logStreamName }));
  return logGroupName;
}

function put(logGroupName: string, logStreamName: string, ...events: [number, string][]) {
  const logEvents = events.map(([timestamp, message]) => ({ timestamp, message }));
  return logs().send(new sdk.PutLogEventsCommand({ logGroupName, logStreamName, logEvents }));
}

describe("log events", () => {
  it("are read in the order of their time, page by page, either way", async () => {
    const logGroupName = await newGroup("/order", "main");
    const logStreamName = "main";
    const start = Date.now() - 1000;
    await put(logGroupName, logStreamName, [start + 3, "d"], [start + 4, "e"]);
    await put(logGroupName, logStreamName, [start, "a"], [start + 1, "b"], [start + 1, "c"]);
    const read = (input: object) =>
      logs().send(new sdk.GetLogEventsCommand({ logGroupName, logStreamName, ...input }));
    const messages = (answer: sdk.GetLogEventsCommandOutput) =>
      answer.events?.map(({ message }) => message).join("");
    const first = await read({ startFromHead: true, limit: 2 });
    expect(messages(first)).toBe("ab");
    const second = await read({ nextToken: first.nextForwardToken, limit: 9 });
    expect(messages(second)).toBe("cde");
    const end = await read({ nextToken: second.nextForwardToken });
    expect(messages(end)).toBe("");
    expect(end.nextForwardToken).toBe(second.nextForwardToken);
    expect(messages(await read({ nextToken: second.nextBackwardToken }))).toBe("ab");
    expect(messages(await read({ limit: 2 }))).toBe("de");
    expect(messages(await read({ startTime: start + 1, endTime: start + 3 }))).toBe("bc");
  });

  it("are found by terms, over streams and pages", async () => {
    const logGroupName = await newGroup("/filter", "one", "two");
    const now = Date.now() - 10;
    await put(logGroupName, "one", [now, "ERROR disk full"], [now + 2, "INFO all well"]);
    await put(logGroupName, "two", [now + 1, "ERROR no route to host"], [now + 3, "WARN slow"]);
    const find = async (filterPattern: string, input: object = {}) => {
      const answer = await logs().send(
        new sdk.FilterLogEventsCommand({ logGroupName, filterPattern, ...input }),
      );
      return { found: answer.events?.map(({ message }) => message), next: answer.nextToken };
    };
    expect((await find("ERROR")).found).toEqual(["ERROR disk full", "ERROR no route to host"]);
    expect((await find("ERROR -disk")).found).toEqual(["ERROR no route to host"]);
    expect((await find('"all well"')).found).toEqual(["INFO all well"]);
    expect((await find("?WARN ?INFO")).found).toEqual(["INFO all well", "WARN slow"]);
    expect((await find("", { logStreamNames: ["two"], startTime: now + 2 })).found).toEqual(["WARN slow"]);
    const page = await find("", { limit: 3 });
    expect(page.found).toHaveLength(3);
    expect((await find("", { limit: 3, nextToken: page.next })).found).toEqual(["WARN slow"]);
    await expect(find("{ $.level = 1 }")).rejects.toMatchObject({ name: "InvalidParameterException" });
  });

  it("are refused when out of order or too many, and reported when too old", async () => {
    const group = await newGroup("/refused", "main");
    const now = Date.now();
    await expect(put(group, "main", [now, "b"], [now - 1, "a"])).rejects.toThrow("chronological order");
    await expect(put(group, "none", [now, "a"])).rejects.toMatchObject({ name: "ResourceNotFoundException" });
    await expect(put(group, "main", [now, "x".repeat(1_048_600)])).rejects.toThrow("Upload too large");
    const { rejectedLogEventsInfo } = await put(group, "main", [now - 15 * 86_400_000, "old"], [now, "new"]);
    expect(rejectedLogEventsInfo).toEqual({ tooOldLogEventEndIndex: 1 });
  });

  it("survive a restart, and go with their group", async () => {
    const group = await newGroup("/kept", "main");
    await put(group, "main", [Date.now(), "still here"]);
    await test.restart();
    const read = () => logs().send(new sdk.FilterLogEventsCommand({ logGroupName: group }));
    expect((await read()).events?.[0]?.message).toBe("still here");
    await logs().send(new sdk.DeleteLogGroupCommand({ logGroupName: group }));
    await expect(read()).rejects.toMatchObject({ name: "ResourceNotFoundException" });
    await newGroup(group);
    expect((await read()).events).toEqual([]);
  });
});

describe("log groups", () => {
  it("have retention and tags, and are listed by prefix", async () => {
    const logGroupName = await newGroup("/listed/one");
    await newGroup("/listed/two");
    await logs().send(new sdk.PutRetentionPolicyCommand({ logGroupName, retentionInDays: 30 }));
    const describe = (input: object) => logs().send(new sdk.DescribeLogGroupsCommand(input));
    const { logGroups = [] } = await describe({ logGroupNamePrefix: "/listed/" });
    expect(logGroups.map((group) => [group.logGroupName, group.retentionInDays])).toEqual([
      ["/listed/one", 30],
      ["/listed/two", undefined],
    ]);
    const resourceArn = logGroups[0]?.logGroupArn ?? "";
    await logs().send(new sdk.TagResourceCommand({ resourceArn, tags: { team: "red", cost: "1" } }));
    await logs().send(new sdk.UntagResourceCommand({ resourceArn, tagKeys: ["cost"] }));
    const { tags } = await logs().send(new sdk.ListTagsForResourceCommand({ resourceArn }));
    expect(tags).toEqual({ team: "red" });
    const page = await describe({ logGroupNamePrefix: "/listed/", limit: 1 });
    expect(
      (await describe({ logGroupNamePrefix: "/listed/", nextToken: page.nextToken })).logGroups,
    ).toHaveLength(1);
    await expect(logs().send(new sdk.CreateLogGroupCommand({ logGroupName }))).rejects.toMatchObject({
      name: "ResourceAlreadyExistsException",
    });
  });
});

describe("a log group's size", () => {
  it("is bounded: old events go, and the streams that are empty then", async () => {
    const store = openLogStore(new DatabaseSync(":memory:"));
    store.putGroup({ name: "group", created: 0, retention: undefined, tags: {} });
    for (let batch = 0; batch < 12; batch++) {
      store.addStream("group", `stream-${batch}`);
      const events = Array.from({ length: 10_000 }, (_, index) => ({
        time: batch * 10_000 + index + 1,
        message: "x",
      }));
      await store.append("group", `stream-${batch}`, events);
    }
    const [oldest] = store.read({ group: "group", limit: 1 });
    expect(oldest?.time).toBeGreaterThan(10_000);
    expect(store.storedBytes("group") / 27).toBeLessThanOrEqual(110_000);
    expect(store.stream("group", "stream-0")).toBeUndefined();
    expect(store.stream("group", "stream-11")).toBeDefined();
    const long = "y".repeat(1024 * 1024);
    for (let batch = 0; batch < 200; batch++) {
      await store.append("group", "stream-11", [{ time: 200_000 + batch, message: long }]);
    }
    expect(store.storedBytes("group")).toBeLessThan(170 * 1024 * 1024);
    expect(store.read({ group: "group", limit: 1, backward: true })[0]?.time).toBe(200_199);
  });
});
