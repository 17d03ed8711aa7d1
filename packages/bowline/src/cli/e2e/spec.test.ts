/** The examples of SST's and Stelvio's linking documents, as apps that run and do what the text says. */
import { describe, expect, test } from "vitest";
import { appFolder, type Finished } from "./app-folder.ts";

/** The answer of the command that `run` ran: its last line is JSON. */
function answer(finished: Finished): Record<string, unknown> {
  const line = finished.stdout.trim().split("\n").at(-1) ?? "";
  if (finished.code !== 0 || !line.startsWith("{")) throw new Error(finished.stdout + finished.stderr);
  return JSON.parse(line) as Record<string, unknown>;
}

/** Calls every function that has a URL, one after the other: what each answered, by name. */
const CALL_ALL = `
  import { Resource } from "bowline";
  const answers = {};
  for (const name of process.argv.slice(2)) {
    const response = await fetch(Resource[name].url);
    answers[name] = response.ok ? await response.json() : await response.text();
  }
  console.log(JSON.stringify(answers));`;

const SST = {
  "bowline.config.ts": `
    import * as cloud from "@pulumi/aws";
    import { interpolate } from "@pulumi/pulumi";
    import { aws, defineConfig, Linkable, Secret } from "bowline/config";

    export default defineConfig({
      app: () => ({ name: "spec" }),
      run() {
        const bucket = new aws.Bucket("MyBucket");
        const table = new aws.Dynamo("MyTable", { fields: { id: "string" }, primaryIndex: { hashKey: "id" } });
        new aws.Function("MyApi", { handler: "src/api.handler", link: [bucket, table], url: true });

        const secret = new Secret("StripeKey");
        new aws.Function("Pay", { handler: "src/pay.handler", link: [secret], url: true });

        const config = new Linkable("Config", { properties: { apiEndpoint: "https://api.example.com", apiVersion: "v1" } });
        const apiConfig = new Linkable("ApiConfig", { properties: { endpoint: "https://api.example.com", version: "v1", timeout: 30 } });
        new aws.Function("Configured", { handler: "src/configured.handler", link: [config, apiConfig], url: true });

        const bucketA = new aws.Bucket("BucketA");
        const bucketB = new aws.Bucket("BucketB");
        const storage = new Linkable("Storage", {
          properties: { bucketA: bucketA.name, bucketB: bucketB.name, region: cloud.getRegionOutput().name },
          include: [aws.permission({ actions: ["s3:*"], resources: [bucketA.arn, bucketB.arn] })],
        });
        new aws.Function("Stored", { handler: "src/stored.handler", link: [storage], url: true });

        Linkable.wrap(cloud.dynamodb.Table, (table) => ({
          properties: { tableName: table.name, arn: table.arn },
          include: [aws.permission({ actions: ["dynamodb:*"], resources: [table.arn] })],
        }));
        const raw = new cloud.dynamodb.Table("RawTable", {
          attributes: [{ name: "id", type: "S" }],
          hashKey: "id",
          billingMode: "PAY_PER_REQUEST",
        });
        new aws.Function("Wrapped", { handler: "src/wrapped.handler", link: [raw], url: true });

        const restricted = new Linkable("Restricted", {
          properties: { bucketName: bucket.name },
          include: [aws.permission({ actions: ["s3:GetObject"], resources: [interpolate\`\${bucket.arn}/*\`] })],
        });
        new aws.Function("Reader", { handler: "src/reader.handler", link: [restricted], url: true });

        new aws.Function("Manual", {
          handler: "src/manual.handler",
          environment: { BUCKET: bucket.name },
          permissions: [{ actions: ["s3:*"], resources: [bucket.arn] }],
          url: true,
        });
      },
    });`,
  "src/api.ts": `
    import { Resource } from "sst";
    import { S3Client, PutObjectCommand } from "@aws-sdk/client-s3";
    import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";

    const s3 = new S3Client({});
    const dynamodb = new DynamoDBClient({});

    export const handler = async (event: any) => {
      await s3.send(new PutObjectCommand({ Bucket: Resource.MyBucket.name, Key: "file.txt", Body: "Hello World" }));
      await dynamodb.send(new PutItemCommand({
        TableName: Resource.MyTable.name,
        Item: { id: { S: "123" }, data: { S: "example" } },
      }));
      return { bucket: Resource.MyBucket.name, table: Resource.MyTable.name };
    };`,
  "src/pay.ts": `
    import { Resource } from "bowline";
    export const handler = async () => ({ value: Resource.StripeKey.value, env: JSON.stringify(process.env).includes("sk_test") });`,
  "src/configured.ts": `
    import { Resource } from "bowline";
    export const handler = async () => ({ ...Resource.Config, ...Resource.ApiConfig });`,
  "src/stored.ts": `
    import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
    import { Resource } from "bowline";
    export const handler = async () => {
      const { bucketA, bucketB, region } = Resource.Storage;
      const lists = await Promise.all([bucketA, bucketB].map((Bucket) => new S3Client({}).send(new ListObjectsV2Command({ Bucket }))));
      return { region, counts: lists.map((list) => list.KeyCount) };
    };`,
  "src/wrapped.ts": `
    import { DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
    import { Resource } from "bowline";
    export const handler = async () => {
      const client = new DynamoDBClient({});
      const TableName = Resource.RawTable.tableName;
      await client.send(new PutItemCommand({ TableName, Item: { id: { S: "1" }, data: { S: "wrapped" } } }));
      const { Item } = await client.send(new GetItemCommand({ TableName, Key: { id: { S: "1" } } }));
      return { data: Item?.data?.S, keys: Object.keys(Resource.RawTable).sort() };
    };`,
  "src/reader.ts": `
    import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
    import { Resource } from "bowline";
    export const handler = async () => {
      const Bucket = Resource.Restricted.bucketName;
      const s3 = new S3Client({});
      const read = await s3.send(new GetObjectCommand({ Bucket, Key: "file.txt" }));
      const put = await s3.send(new PutObjectCommand({ Bucket, Key: "file.txt", Body: "" })).then(() => "allowed", (error) => error.name);
      return { read: await read.Body?.transformToString(), put };
    };`,
  "src/manual.ts": `
    import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
    export const handler = async () => {
      const { Contents = [] } = await new S3Client({}).send(new ListObjectsV2Command({ Bucket: process.env.BUCKET }));
      return { keys: Contents.map(({ Key }) => Key) };
    };`,
  "call.mjs": CALL_ALL,
};

describe("SST's linking document", { timeout: 120_000 }, () => {
  test("several resources, secrets, Linkables, combined buckets, wrapped tables, restricted links, manual permissions", async () => {
    await using app = appFolder(SST);
    expect(await app.bowline("secret", "set", "StripeKey", "sk_test_abc123", "--stage", "t")).toMatchObject({
      code: 0,
    });
    const functions = ["MyApi", "Pay", "Configured", "Stored", "Wrapped", "Reader", "Manual"];
    const finished = await app.bowline("run", "--stage", "t", "--", "node", "call.mjs", ...functions);
    expect(answer(finished)).toEqual({
      MyApi: {
        bucket: expect.stringMatching(/^spec-t-mybucket-/),
        table: expect.stringMatching(/^spec-t-MyTable-/),
      },
      Pay: { value: "sk_test_abc123", env: false },
      Configured: {
        apiEndpoint: "https://api.example.com",
        apiVersion: "v1",
        endpoint: "https://api.example.com",
        version: "v1",
        timeout: 30,
        type: "bowline:index:Linkable",
      },
      Stored: { region: "us-east-1", counts: [0, 0] },
      Wrapped: { data: "wrapped", keys: ["arn", "tableName", "type"] },
      Reader: { read: "Hello World", put: "AccessDenied" },
      Manual: { keys: ["file.txt"] },
    });
    expect(finished.stderr).toContain("Reader may not s3:PutObject on MyBucket");
  });
});
