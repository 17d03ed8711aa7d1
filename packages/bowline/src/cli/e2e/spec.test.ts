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

const OVERRIDES = {
  "bowline.config.ts": `
    import { CustomResource, interpolate } from "@pulumi/pulumi";
    import { aws, defineConfig, Linkable } from "bowline/config";

    class Project extends CustomResource {
      declare readonly environment: any;
      constructor(name: string, args: { name: string; environment: any }) {
        super("vercel:index/project:Project", name, args);
      }
    }

    export default defineConfig({
      app: () => ({ name: "spec" }),
      links: [
        [aws.Dynamo, (table: aws.Dynamo) => ({
          properties: { table_arn: table.arn, table_name: table.name },
          include: [aws.permission({ actions: ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan"], resources: [table.arn] })],
        })],
      ],
      run() {
        // Object actions are granted on objects, so beside the document's bucket.arn there is what it contains.
        Linkable.wrap(aws.Bucket, (bucket) => ({
          properties: { name: bucket.name },
          include: [aws.permission({ actions: ["s3:GetObject", "s3:PutObject"], resources: [bucket.arn, interpolate\`\${bucket.arn}/*\`] })],
        }));
        const bucket = new aws.Bucket("MyBucket");
        const table = new aws.Dynamo("MyTable", { fields: { id: "string" }, primaryIndex: { hashKey: "id" } });
        new aws.Function("Overridden", { handler: "src/overridden.handler", link: [bucket, table], url: true });

        const project = new Project("MyProject", { name: "my-project", environment: Linkable.env([bucket, table]) });
        new Linkable("Vercel", { properties: { environment: project.environment } });
      },
    });`,
  "src/overridden.ts": `
    import { GetItemCommand, DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
    import { ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
    import { Resource } from "bowline";
    const s3 = new S3Client({});
    const tables = new DynamoDBClient({});
    const tried = (call: Promise<unknown>) => call.then(() => "allowed", (error) => error.name);
    export const handler = async () => {
      const Bucket = Resource.MyBucket.name;
      const TableName = Resource.MyTable.table_name;
      return {
        links: { bucket: Object.keys(Resource.MyBucket).sort(), table: Object.keys(Resource.MyTable).sort() },
        put: await tried(s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x" }))),
        list: await tried(s3.send(new ListObjectsV2Command({ Bucket }))),
        getItem: await tried(tables.send(new GetItemCommand({ TableName, Key: { id: { S: "1" } } }))),
        putItem: await tried(tables.send(new PutItemCommand({ TableName, Item: { id: { S: "1" } } }))),
      };
    };`,
  "call.mjs": `
    import { Resource } from "bowline";
    const overridden = await (await fetch(Resource.Overridden.url)).json();
    console.log(JSON.stringify({ overridden, environment: Resource.Vercel.environment }));`,
};

const PYTHON = {
  "bowline.config.ts": `
    import { aws, defineConfig, Secret } from "bowline/config";

    export default defineConfig({
      app: () => ({ name: "spec" }),
      run() {
        const bucket = new aws.Bucket("MyBucket");
        const table = new aws.Dynamo("MyTable", { fields: { id: "string" }, primaryIndex: { hashKey: "id" } });
        const queue = new aws.Queue("MyQueue");
        const secret = new Secret("ApiKey");
        new aws.Function("Worker", {
          handler: "src/worker.handler",
          runtime: "python3.12",
          link: [bucket, table, queue, secret],
          url: true,
        });

        const users = new aws.Dynamo("UsersTable", { fields: { id: "string" }, primaryIndex: { hashKey: "id" } });
        const api = new aws.ApiGatewayV2("MyApi");
        api.route("GET /users", { handler: "src/get_users.handler", runtime: "python3.12", link: [users] });

        const uploads = new aws.Bucket("Uploads");
        const jobs = new aws.Queue("ProcessQueue");
        jobs.subscribe({ handler: "src/process.handler", runtime: "python3.12", link: [uploads] });
      },
    });`,
  "src/worker.py": `
from typing import Any, Dict

from bowline import Resource
import boto3

s3 = boto3.client('s3')
dynamodb = boto3.resource('dynamodb')
sqs = boto3.client('sqs')


def handler(event: Dict[str, Any], context: Any) -> Dict[str, Any]:
    bucket_name: str = Resource.MyBucket.name
    s3.put_object(Bucket=bucket_name, Key='file.txt', Body=b'Hello')
    dynamodb.Table(Resource.MyTable.name).put_item(Item={'id': '123', 'data': 'example'})
    sqs.send_message(QueueUrl=Resource.MyQueue.url, MessageBody='work')
    return {'api_key': Resource.ApiKey.value, 'links': sorted(Resource)}
`,
  "src/get_users.py": `
from bowline import Resource
import boto3
import json

dynamodb = boto3.resource('dynamodb')

def handler(event, context):
    table = dynamodb.Table(Resource.UsersTable.name)
    response = table.scan()

    return {
        'statusCode': 200,
        'body': json.dumps(response['Items'], default=str)
    }
`,
  "src/process.py": `
from bowline import Resource
import boto3
import json

s3 = boto3.client('s3')

def handler(event, context):
    for record in event['Records']:
        message = json.loads(record['body'])

        # Process using linked bucket
        s3.put_object(
            Bucket=Resource.Uploads.name,
            Key=f"processed/{message['id']}.txt",
            Body=b'Processed'
        )
`,
  "call.mjs": `
    import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
    import { GetObjectCommand, S3Client, waitUntilObjectExists } from "@aws-sdk/client-s3";
    import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
    import { Resource } from "bowline";
    await new DynamoDBClient({}).send(new PutItemCommand({ TableName: Resource.UsersTable.name, Item: { id: { S: "7" }, age: { N: "42" } } }));
    await new SQSClient({}).send(new SendMessageCommand({ QueueUrl: Resource.ProcessQueue.url, MessageBody: '{"id":"m1"}' }));
    const worker = await (await fetch(Resource.Worker.url)).json();
    const users = await (await fetch(Resource.MyApi.url + "/users")).json();
    const s3 = new S3Client({});
    const object = { Bucket: Resource.Uploads.name, Key: "processed/m1.txt" };
    await waitUntilObjectExists({ client: s3, maxWaitTime: 60, minDelay: 1, maxDelay: 1 }, object);
    const processed = await (await s3.send(new GetObjectCommand(object))).Body.transformToString();
    console.log(JSON.stringify({ worker, users, processed }));`,
};

const STELVIO = {
  "bowline.config.ts": `
    import { interpolate } from "@pulumi/pulumi";
    import { aws, defineConfig, Link } from "bowline/config";

    export default defineConfig({
      app: () => ({ name: "spec", python: { resources: "stelvio" } }),
      run() {
        const table = new aws.Dynamo("todos", { fields: { username: "string" }, primaryIndex: { hashKey: "username" } });
        const logs = new aws.Bucket("logs");
        const customLink = new Link({
          name: "custom-config",
          type: "custom",
          properties: { api_url: "https://example.com/api", timeout: "30" },
        });
        const s3Link = new Link({
          name: "logs-bucket",
          type: "custom",
          properties: { bucket_name: logs.name },
          include: [aws.permission({ actions: ["s3:GetObject", "s3:PutObject"], resources: [interpolate\`\${logs.arn}/*\`] })],
        });
        new aws.Function("Process", {
          handler: "users/handler.process",
          runtime: "python3.12",
          link: [table.link().addProperties({ table_region: "us-west-2" }), customLink, s3Link],
          url: true,
        });

        const readOnly = table.link().withPermissions(
          aws.permission({ actions: ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan"], resources: [table.arn] }),
        );
        new aws.Function("Report", {
          handler: "reports/handler.process",
          runtime: "python3.12",
          link: [readOnly.removeProperties("arn").as("tasks")],
          url: true,
        });
      },
    });`,
  "users/handler.py": `
import os

import boto3
from stlv_resources import Resources

dynamodb = boto3.resource('dynamodb')
table = dynamodb.Table(Resources.todos.table_name)
s3 = boto3.client('s3')

def process(event, context):
    table.put_item(Item={'username': '123', 'data': 'example'})
    s3.put_object(Bucket=Resources.logs_bucket.bucket_name, Key='log.txt', Body=b'done')
    return {
        'same': Resources.todos.table_arn == os.environ['STLV_TODOS_TABLE_ARN'],
        'api_url': Resources.custom_config.api_url,
        'timeout': os.environ['STLV_CUSTOM_CONFIG_TIMEOUT'],
        'variables': sorted(name for name in os.environ if name.startswith('STLV_')),
    }
`,
  "reports/handler.py": `
import boto3
from botocore.exceptions import ClientError
from stlv_resources import Resources

table = boto3.resource('dynamodb').Table(Resources.tasks.table_name)

def process(event, context):
    try:
        table.put_item(Item={'username': 'no'})
        put = 'allowed'
    except ClientError as error:
        put = error.response['Error']['Code']
    return {'items': table.scan()['Items'], 'put': put, 'has_arn': hasattr(Resources.tasks, 'table_arn')}
`,
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

  test("an overridden Bucket, links of the config, and variables for a provider Bowline does not know", async () => {
    await using app = appFolder(OVERRIDES);
    const finished = await app.bowline("run", "--stage", "t", "--", "node", "call.mjs");
    expect(answer(finished)).toEqual({
      overridden: {
        links: { bucket: ["name", "type"], table: ["table_arn", "table_name", "type"] },
        put: "allowed",
        list: "AccessDenied",
        getItem: "allowed",
        putItem: "AccessDeniedException",
      },
      environment: {
        SST_RESOURCE_App: '{"name":"spec","stage":"t"}',
        SST_RESOURCE_MyBucket: expect.stringMatching(/^{"name":"spec-t-mybucket-[^"]*","type":"[^"]*"}$/),
        SST_RESOURCE_MyTable: expect.stringMatching(
          /^{"table_arn":"arn:aws:dynamodb:[^"]*","table_name":"spec-t-MyTable-[^"]*","type":"[^"]*"}$/,
        ),
      },
    });
    expect(finished.stderr).toContain("vercel:index/project:Project is not emulated");
  });
});

describe("SST's document on Python", { timeout: 120_000 }, () => {
  test("all links in one handler, an API's route, a queue's subscriber", async () => {
    await using app = appFolder(PYTHON);
    expect(await app.bowline("secret", "set", "ApiKey", "key-1", "--stage", "t")).toMatchObject({ code: 0 });
    const finished = await app.bowline("run", "--stage", "t", "--", "node", "call.mjs");
    expect(answer(finished)).toEqual({
      worker: { api_key: "key-1", links: ["ApiKey", "App", "MyBucket", "MyQueue", "MyTable"] },
      users: [{ id: "7", age: "42" }],
      processed: "Processed",
    });
  });
});

describe("Stelvio's linking document", { timeout: 120_000 }, () => {
  test("a Stelvio handler runs unchanged; links of one's own, changed links and read-only links", async () => {
    await using app = appFolder(STELVIO);
    const finished = await app.bowline("run", "--stage", "t", "--", "node", "call.mjs", "Process", "Report");
    expect(answer(finished)).toEqual({
      Process: {
        same: true,
        api_url: "https://example.com/api",
        timeout: "30",
        variables: [
          "STLV_CUSTOM_CONFIG_API_URL",
          "STLV_CUSTOM_CONFIG_TIMEOUT",
          "STLV_LOGS_BUCKET_BUCKET_NAME",
          "STLV_TODOS_TABLE_ARN",
          "STLV_TODOS_TABLE_NAME",
          "STLV_TODOS_TABLE_REGION",
        ],
      },
      Report: {
        items: [{ username: "123", data: "example" }],
        put: "AccessDeniedException",
        has_arn: false,
      },
    });
    expect(finished.stderr).not.toContain("never reads");
  });
});
