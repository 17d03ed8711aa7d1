/** What one handler puts, the next one is given: through a stream, a bucket, a table and a queue. */
import { expect, test } from "vitest";
import { appFolder } from "./app-folder.ts";

test("a record wakes a chain of subscribers, each with no more than its links", {
  timeout: 120_000,
}, async () => {
  await using app = appFolder({
    "bowline.config.ts": `
      import { aws, defineConfig } from "bowline/config";
      export default defineConfig({
        app: () => ({ name: "chain" }),
        run() {
          const done = new aws.Queue("Done");
          const notes = new aws.Dynamo("Notes", {
            fields: { id: "string" },
            primaryIndex: { hashKey: "id" },
            stream: "new-image",
          });
          const uploads = new aws.Bucket("Uploads");
          const clicks = new aws.KinesisStream("Clicks");
          new aws.Function("Api", { handler: "src/api.handler", url: true, link: [clicks] });
          clicks.subscribe("Store", { handler: "src/store.handler", link: [uploads.link("write")] });
          uploads.notify({
            notifications: [
              { name: "Note", function: { handler: "src/note.handler", link: [notes.link("write")] }, filterPrefix: "clicks/" },
            ],
          });
          notes.subscribe("Tell", { handler: "src/tell.handler", link: [done] }, { filters: [{ eventName: ["INSERT"] }] });
        },
      });`,
    "src/api.ts": `
      import { KinesisClient, PutRecordCommand } from "@aws-sdk/client-kinesis";
      import { Resource } from "bowline";
      export const handler = async () => {
        const { ShardId } = await new KinesisClient({}).send(
          new PutRecordCommand({ StreamName: Resource.Clicks.name, PartitionKey: "k", Data: Buffer.from("hello") }),
        );
        return { ShardId };
      };`,
    "src/store.ts": `
      import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
      import { Resource } from "bowline";
      export const handler = async ({ Records }: any) => {
        for (const { kinesis } of Records) {
          const Body = Buffer.from(kinesis.data, "base64");
          await new S3Client({}).send(new PutObjectCommand({ Bucket: Resource.Uploads.name, Key: "clicks/" + Body, Body }));
        }
      };`,
    "src/note.ts": `
      import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
      import { Resource } from "bowline";
      export const handler = async ({ Records }: any) => {
        for (const { s3 } of Records) {
          await new DynamoDBClient({}).send(
            new PutItemCommand({ TableName: Resource.Notes.name, Item: { id: { S: s3.object.key } } }),
          );
        }
      };`,
    "src/tell.ts": `
      import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
      import { Resource } from "bowline";
      export const handler = async ({ Records }: any) => {
        for (const { dynamodb } of Records) {
          await new SQSClient({}).send(
            new SendMessageCommand({ QueueUrl: Resource.Done.url, MessageBody: dynamodb.NewImage.id.S }),
          );
        }
      };`,
    "call.mjs": `
      import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
      import { Resource } from "bowline";
      const { ShardId } = await (await fetch(Resource.Api.url)).json();
      const { Messages } = await new SQSClient({}).send(
        new ReceiveMessageCommand({ QueueUrl: Resource.Done.url, WaitTimeSeconds: 20 }),
      );
      console.log(JSON.stringify({ ShardId, told: Messages?.map(({ Body }) => Body) }));`,
  });
  const finished = await app.bowline("run", "--stage", "t", "--", "node", "call.mjs");
  expect(finished.stderr).not.toMatch(/[✗!]/);
  expect(JSON.parse(finished.stdout)).toEqual({
    ShardId: expect.stringMatching(/^shardId-/),
    told: ["clicks/hello"],
  });
  const again = await app.bowline("deploy", "--stage", "t", "--json");
  // A stage whose port another has taken meanwhile has other URLs.
  const moved = again.events.some(({ message }) => String(message).includes("moves to port"));
  expect(again.events.filter(({ type }) => type === "resource" && !moved)).toEqual([]);
});
