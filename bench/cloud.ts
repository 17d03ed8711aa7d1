/** The local cloud, IAM on, against peers that authorise nothing: same bytes, same client, one run. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { CreateTableCommand, DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import { sign } from "../packages/cloud/src/door/sign.ts";
import { load } from "./load.ts";
import { median } from "./median.ts";

export interface CloudFigures {
  readonly operation: string;
  readonly bowline: number;
  readonly peer: string;
  readonly peerPerSecond: number;
  readonly ratio: number;
}

interface Server {
  readonly name: string;
  readonly port: number;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  stop(): Promise<void>;
}

const ANYONE = { accessKeyId: "AKIATEST", secretAccessKey: "secret" };
const PEERS = fileURLToPath(new URL("./peers", import.meta.url));

/** Which peer is measured in which operation. */
const OPERATIONS = [
  { name: "s3 put 1 KB", peers: ["fauxqs", "moto"] },
  { name: "s3 get 1 KB", peers: ["fauxqs", "moto"] },
  { name: "sqs send", peers: ["fauxqs", "moto"] },
  { name: "sqs receive", peers: ["fauxqs", "moto"] },
  { name: "dynamodb put", peers: ["dynalite", "moto"] },
  { name: "dynamodb get", peers: ["dynalite", "moto"] },
  { name: "dynamodb query 20", peers: ["dynalite", "moto"] },
] as const;
type Operation = (typeof OPERATIONS)[number]["name"];

/**
 * @param python An interpreter with `moto[server]`; without one moto is left out.
 * @example
 * console.table(await benchCloud());
 */
export async function benchCloud(
  rounds = 5,
  count = 3000,
  python = process.env.BOWLINE_BENCH_PYTHON,
): Promise<CloudFigures[]> {
  if (!existsSync(join(PEERS, "node_modules"))) {
    execFileSync(
      "npm",
      ["install", "--no-workspaces", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error"],
      {
        cwd: PEERS,
      },
    );
  }
  const servers = await Promise.all([
    bowline(),
    peer("fauxqs"),
    peer("dynalite"),
    ...(python ? [moto(python)] : []),
  ]);
  try {
    const requests = new Map(
      await Promise.all(servers.map(async (server) => [server.name, await prepare(server)] as const)),
    );
    const figures: CloudFigures[] = [];
    for (const { name, peers } of OPERATIONS) {
      const rates = new Map<string, number[]>();
      // In turn, so that a machine that slows down slows all of them.
      for (let round = 0; round <= rounds; round++) {
        for (const server of servers) {
          const request = requests.get(server.name)?.get(name);
          if (!request || (server.name !== "bowline" && !(peers as readonly string[]).includes(server.name)))
            continue;
          // moto's threads trip over each other, and gain nothing from each other: it is asked one thing at a time.
          const one = server.name === "moto";
          const { perSecond, failed } = await load(
            server.port,
            request,
            one ? count / 30 : count,
            one ? 1 : 16,
          );
          if (failed > 0) throw new Error(`${server.name} failed ${failed} times at ${name}`);
          if (round > 0) rates.set(server.name, [...(rates.get(server.name) ?? []), perSecond]);
        }
      }
      const own = median(rates.get("bowline") ?? []);
      for (const [peerName, values] of rates) {
        if (peerName === "bowline") continue;
        const theirs = median(values);
        figures.push({
          operation: name,
          bowline: own,
          peer: peerName,
          peerPerSecond: theirs,
          ratio: Number((own / theirs).toFixed(2)),
        });
      }
    }
    return figures;
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}

/** Milliseconds from starting a process to its first answered call, medians of `rounds`. */
export async function benchStart(rounds = 7): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const started = performance.now();
    const server = await bowline();
    const { requestOf } = signer(server);
    await load(
      server.port,
      requestOf("sqs", "POST", "/", "{}", {
        "x-amz-target": "AmazonSQS.ListQueues",
        "content-type": "application/x-amz-json-1.0",
      }),
      1,
      1,
    );
    times.push(performance.now() - started);
    await server.stop();
  }
  return median(times);
}

async function bowline(): Promise<Server> {
  const dir = await mkdtemp(join(tmpdir(), "bowline-bench-"));
  const cloud = fileURLToPath(new URL("../packages/cloud/dist/index.mjs", import.meta.url));
  const program = `
    const { enableCompileCache } = await import("node:module");
    enableCompileCache();
    const { startCloud } = await import(${JSON.stringify(cloud)});
    const { port, credentials } = await startCloud({ dir: ${JSON.stringify(dir)} });
    console.log(JSON.stringify({ port, credentials }));`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const { port, credentials } = JSON.parse(await firstLine(child)) as Pick<Server, "port" | "credentials">;
  return {
    name: "bowline",
    port,
    credentials,
    async stop() {
      await end(child);
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function peer(name: string): Promise<Server> {
  const child = spawn(process.execPath, [join(PEERS, "serve.mjs"), name], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  return { name, port: Number(await firstLine(child)), credentials: ANYONE, stop: () => end(child) };
}

async function moto(python: string): Promise<Server> {
  const port = await freePort();
  const child = spawn(python, ["-m", "moto.server", "-H", "127.0.0.1", "-p", String(port)], {
    stdio: "ignore",
  });
  for (let attempt = 0; attempt < 100; attempt++) {
    if (
      await fetch(`http://127.0.0.1:${port}/moto-api/`).then(
        () => true,
        () => false,
      )
    )
      break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { name: "moto", port, credentials: ANYONE, stop: () => end(child) };
}

/** Makes what the requests need, and the requests as bytes. */
async function prepare(server: Server): Promise<Map<Operation, Buffer>> {
  const config = {
    endpoint: `http://127.0.0.1:${server.port}`,
    region: "us-east-1",
    credentials: server.credentials,
  };
  const { requestOf } = signer(server);
  const requests = new Map<Operation, Buffer>();
  if (server.name !== "dynalite") {
    const s3 = new S3Client({ ...config, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: "bench" }));
    await s3.send(new PutObjectCommand({ Bucket: "bench", Key: "get", Body: "x".repeat(1024) }));
    const { QueueUrl } = await new SQSClient(config).send(new CreateQueueCommand({ QueueName: "bench" }));
    const sqs = (operation: string, input: object) =>
      requestOf("sqs", "POST", "/", JSON.stringify(input), {
        "x-amz-target": `AmazonSQS.${operation}`,
        "content-type": "application/x-amz-json-1.0",
      });
    requests.set(
      "s3 put 1 KB",
      requestOf("s3", "PUT", "/bench/put", "x".repeat(1024), { "content-type": "text/plain" }),
    );
    requests.set("s3 get 1 KB", requestOf("s3", "GET", "/bench/get", "", {}));
    requests.set("sqs send", sqs("SendMessage", { QueueUrl, MessageBody: "x".repeat(200) }));
    requests.set(
      "sqs receive",
      sqs("ReceiveMessage", { QueueUrl, MaxNumberOfMessages: 1, VisibilityTimeout: 600 }),
    );
  }
  if (server.name !== "fauxqs") {
    const dynamodb = new DynamoDBClient(config);
    await dynamodb.send(
      new CreateTableCommand({
        TableName: "bench",
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: [
          { AttributeName: "pk", AttributeType: "S" },
          { AttributeName: "sk", AttributeType: "S" },
        ],
        KeySchema: [
          { AttributeName: "pk", KeyType: "HASH" },
          { AttributeName: "sk", KeyType: "RANGE" },
        ],
      }),
    );
    const item = (sk: string) => ({
      pk: { S: "a" },
      sk: { S: sk },
      text: { S: "x".repeat(100) },
      n: { N: "1" },
    });
    for (let i = 0; i < 20; i++)
      await dynamodb.send(new PutItemCommand({ TableName: "bench", Item: item(String(i)) }));
    const call = (operation: string, input: object) =>
      requestOf("dynamodb", "POST", "/", JSON.stringify({ TableName: "bench", ...input }), {
        "x-amz-target": `DynamoDB_20120810.${operation}`,
        "content-type": "application/x-amz-json-1.0",
      });
    requests.set("dynamodb put", call("PutItem", { Item: item("1") }));
    requests.set("dynamodb get", call("GetItem", { Key: { pk: { S: "a" }, sk: { S: "1" } } }));
    requests.set(
      "dynamodb query 20",
      call("Query", { KeyConditionExpression: "pk = :p", ExpressionAttributeValues: { ":p": { S: "a" } } }),
    );
  }
  return requests;
}

function signer({ port, credentials }: Server) {
  const host = `127.0.0.1:${port}`;
  return {
    requestOf(
      service: string,
      method: string,
      path: string,
      body: string,
      headers: Record<string, string>,
    ): Buffer {
      const signed = sign({ method, path, headers, body }, { credentials, service, host });
      const all = { ...signed.headers, "content-length": String(Buffer.byteLength(body)) };
      const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
      return Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n${body}`);
    },
  };
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error("no output to read");
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error(`${child.spawnargs.join(" ")} ended before it listened`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const closed = once(child, "close");
  child.kill("SIGTERM");
  await closed;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  return typeof address === "object" && address ? address.port : 0;
}
