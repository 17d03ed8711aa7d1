import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { awsClient, type Client } from "./client.ts";

interface Answer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** A client of a server that answers what it is told, and what that server was asked. */
async function clientOf(answer: Answer) {
  const requests: { request: IncomingMessage; body: string }[] = [];
  const server = createServer(async (request, response) => {
    requests.push({ request, body: await text(request) });
    response.writeHead(answer.status ?? 200, answer.headers).end(answer.body);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  const client: Client = awsClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: "us-east-1",
    credentials: { accessKeyId: "AKIA", secretAccessKey: "secret" },
  });
  return {
    client,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

describe("a request", () => {
  test("names its operation as the protocol wants it, signed for the service", async () => {
    await using json = await clientOf({ body: '{"a":1}' });
    expect(await json.client.json("dynamodb", "ListTables", { Limit: 1 })).toEqual({ a: 1 });
    expect(json.requests[0]?.body).toBe('{"Limit":1}');
    expect(json.requests[0]?.request.headers).toMatchObject({
      "x-amz-target": "DynamoDB_20120810.ListTables",
      "content-type": "application/x-amz-json-1.0",
      authorization: expect.stringContaining("/us-east-1/dynamodb/aws4_request"),
    });

    await using query = await clientOf({
      body: "<CreateRoleResponse><CreateRoleResult><Role><Arn>a</Arn></Role></CreateRoleResult></CreateRoleResponse>",
    });
    const result = await query.client.query("iam", "CreateRole", {
      RoleName: "a b",
      Left: undefined,
      Tags: [{ Key: "k", Value: "v" }],
      Attributes: new Map([["x", "1"]]),
    });
    expect(result.at("Role").at("Arn").text).toBe("a");
    expect(Object.fromEntries(new URLSearchParams(query.requests[0]?.body))).toEqual({
      Action: "CreateRole",
      Version: "2010-05-08",
      RoleName: "a b",
      "Tags.member.1.Key": "k",
      "Tags.member.1.Value": "v",
      "Attributes.entry.1.key": "x",
      "Attributes.entry.1.value": "1",
    });
  });
});

describe("an error tells operation, code and message", () => {
  const json = (client: Client) => client.json("sqs", "GetQueueUrl", {});
  const rest = (client: Client) => client.restJson("lambda", "GET", "/2015-03-31/functions/a");
  const query = (client: Client) => client.query("sns", "CreateTopic", {});
  const s3 = (client: Client) => client.s3("PutObject", "PUT", "/b/k");
  const head = (client: Client) => client.s3("HeadBucket", "HEAD", "/b");

  test.each<[string, Answer, (client: Client) => Promise<unknown>, string]>([
    [
      "JSON",
      { status: 400, body: '{"__type":"com.amazonaws#Bad","message":"no"}' },
      json,
      "sqs:GetQueueUrl: Bad: no",
    ],
    [
      "the code of the older protocol",
      { status: 400, headers: { "x-amzn-query-error": "Old;Sender" }, body: "{}" },
      json,
      "sqs:GetQueueUrl: Old",
    ],
    [
      "a header",
      { status: 404, headers: { "x-amzn-errortype": "Missing:http://x" }, body: '{"Message":"no"}' },
      rest,
      "lambda:GET /2015-03-31/functions/a: Missing: no",
    ],
    [
      "the Query protocol",
      {
        status: 403,
        body: "<ErrorResponse><Error><Code>Denied</Code><Message>no</Message></Error></ErrorResponse>",
      },
      query,
      "sns:CreateTopic: Denied: no",
    ],
    [
      "S3",
      { status: 409, body: "<Error><Code>Taken</Code><Message>no</Message></Error>" },
      s3,
      "s3:PutObject: Taken: no",
    ],
    ["no body", { status: 404 }, head, "s3:HeadBucket: NotFound"],
    [
      "what is no AWS",
      { status: 502, body: "<html>Bad gateway" },
      json,
      "sqs:GetQueueUrl: HTTP502: <html>Bad gateway",
    ],
  ])("from %s", async (_what, answer, ask, message) => {
    await using server = await clientOf(answer);
    await expect(ask(server.client)).rejects.toThrow(new RegExp(`^${message.replace(/[/.]/g, "\\$&")}$`));
  });

  test("when nothing listens", async () => {
    const server = await clientOf({});
    await server[Symbol.asyncDispose]();
    await expect(json(server.client)).rejects.toThrow(
      /sqs:GetQueueUrl: nothing listens \(is the local cloud still running\?\) at http/,
    );
  });
});
