import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { KinesisClient, PutRecordCommand } from "@aws-sdk/client-kinesis";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { describe, expect, test } from "vitest";
import { Bucket, Dynamo, KinesisStream, Function as LambdaFunction, Queue, SnsTopic } from "./index.ts";
import { startTestApp, type TestApp } from "./testing.ts";

const files = {
  "src/log.ts": `export const handler = async (event: unknown) => { console.log("got", JSON.stringify(event)); };`,
  "src/text.ts": `export const handler = async ({ Records }: { Records: { kinesis: { data: string } }[] }) => {
    for (const { kinesis } of Records) console.log("text", Buffer.from(kinesis.data, "base64").toString());
  };`,
  "src/links.ts": `export const handler = async () => process.env.SST_RESOURCE_Clicks;`,
};

function clientOf<T>(app: TestApp, clientClass: new (config: object) => T): T {
  const { endpoint, region, credentials } = app.cloud;
  return new clientClass({ endpoint, region, credentials });
}

describe("a Kinesis stream", () => {
  test("gives its records to its subscribers, and its link to who writes", async () => {
    await using app = await startTestApp(files);
    const { outputs } = await app.deploy(() => {
      const clicks = new KinesisStream("Clicks");
      clicks.subscribe("Count", "src/text.handler", { filters: [{ data: { page: ["/wanted"] } }] });
      const existing = new LambdaFunction("Existing", { handler: "src/log.handler" });
      clicks.subscribe("All", existing);
      const writer = new LambdaFunction("Writer", {
        handler: "src/links.handler",
        url: true,
        link: [clicks],
      });
      return { stream: clicks.name, arn: clicks.arn, url: writer.url };
    });
    expect(await (await fetch(String(outputs.url))).json()).toEqual({
      name: outputs.stream,
      arn: outputs.arn,
      type: "bowline:aws:KinesisStream",
    });
    for (const page of ["/other", "/wanted"]) {
      await clientOf(app, KinesisClient).send(
        new PutRecordCommand({
          StreamName: String(outputs.stream),
          PartitionKey: page,
          Data: Buffer.from(JSON.stringify({ page })),
        }),
      );
    }
    expect(await app.logged("text")).toBe('text {"page":"/wanted"}');
    expect(await app.logged("aws:kinesis")).toContain(`"eventSourceARN":"${outputs.arn}"`);
  });
});

describe("a table", () => {
  test("gives its changes to its subscriber", async () => {
    await using app = await startTestApp(files);
    const { outputs } = await app.deploy(() => {
      const orders = new Dynamo("Orders", {
        fields: { id: "string" },
        primaryIndex: { hashKey: "id" },
        stream: "new-and-old-images",
      });
      orders.subscribe("Mail", "src/log.handler", {
        filters: [{ eventName: ["INSERT"], dynamodb: { NewImage: { kind: { S: ["paid"] } } } }],
      });
      return { table: orders.name };
    });
    for (const kind of ["open", "paid"]) {
      await clientOf(app, DynamoDBClient).send(
        new PutItemCommand({
          TableName: String(outputs.table),
          Item: { id: { S: kind }, kind: { S: kind } },
        }),
      );
    }
    expect(await app.logged("got")).toContain('"NewImage":{"id":{"S":"paid"}');
  });

  test("without a stream says how to get one", async () => {
    await using app = await startTestApp(files);
    await expect(
      app.deploy(() => {
        const orders = new Dynamo("Orders", { fields: { id: "string" }, primaryIndex: { hashKey: "id" } });
        orders.subscribe("Mail", "src/log.handler");
        return {};
      }),
    ).rejects.toThrow("OrdersMail: the table Orders has no stream to subscribe to.");
  });
});

describe("a bucket", () => {
  test("tells a function, a queue and a topic what each asked for", async () => {
    await using app = await startTestApp(files);
    const { outputs } = await app.deploy(() => {
      const uploads = new Bucket("Uploads");
      const jobs = new Queue("Jobs");
      jobs.subscribe("src/log.handler");
      const topic = new SnsTopic("Topic");
      topic.subscribe("Log", "src/log.handler");
      const { functions } = uploads.notify({
        notifications: [
          {
            name: "Resize",
            function: "src/log.handler",
            events: ["s3:ObjectCreated:*"],
            filterPrefix: "images/",
            filterSuffix: ".jpg",
          },
          { name: "Queued", queue: jobs, events: ["s3:ObjectCreated:*"], filterPrefix: "queued/" },
          { name: "Published", topic, filterPrefix: "published/" },
        ],
      });
      return { bucket: uploads.name, resize: functions.Resize?.name };
    });
    expect(outputs.resize).toEqual(expect.stringContaining("UploadsResize"));
    for (const Key of ["images/no.txt", "images/cat.jpg", "queued/a", "published/b"]) {
      await clientOf(app, S3Client).send(
        new PutObjectCommand({ Bucket: String(outputs.bucket), Key, Body: "x" }),
      );
    }
    expect(await app.logged('"key":"images/')).toContain("images/cat.jpg");
    expect(await app.logged("queued/a")).toContain('"eventSource":"aws:sqs"');
    expect(await app.logged("published/b")).toContain('"EventSource":"aws:sns"');
  });

  test.each([
    ["no target", {}, "this one names none"],
    ["two targets", { function: "src/log.handler", queue: "Jobs" }, "function and queue"],
  ])("refuses a notification with %s", async (_what, { queue, ...target }: { queue?: string }, message) => {
    await using app = await startTestApp(files);
    await expect(
      app.deploy(() => {
        const bucket = new Bucket("Uploads");
        const given = { ...target, ...(queue ? { queue: new Queue(queue) } : {}) };
        bucket.notify({ notifications: [{ name: "Told", ...given }] });
        return {};
      }),
    ).rejects.toThrow(message);
  });

  test("has one list of notifications", async () => {
    await using app = await startTestApp(files);
    await expect(
      app.deploy(() => {
        const bucket = new Bucket("Uploads");
        bucket.notify({ notifications: [{ name: "A", function: "src/log.handler" }] });
        bucket.notify({ notifications: [{ name: "B", function: "src/log.handler" }] });
        return {};
      }),
    ).rejects.toThrow("The bucket Uploads has its notifications already.");
  });
});
