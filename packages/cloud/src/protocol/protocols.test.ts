import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { AwsError } from "../error.ts";
import type { Call, HttpRequest, Protocol } from "../service.ts";
import { jsonProtocol } from "./json.ts";
import { entries, members, queryProtocol, structures } from "./query.ts";
import { restJsonProtocol } from "./rest-json.ts";

function request(method: string, url: string, headers: Record<string, string> = {}, body = ""): HttpRequest {
  const [path = "", query = ""] = url.split("?");
  return {
    method,
    path,
    query: new URLSearchParams(query),
    rawQuery: query,
    headers,
    body: {
      length: body.length,
      bytes: async () => Buffer.from(body),
      stream: () => Readable.from(body),
      trailers: () => ({}),
    },
  };
}

const call = (operation: string) => ({ operation, requestId: "r-1" }) as unknown as Call;
const json = jsonProtocol({
  version: "1.0",
  namespace: "com.amazonaws.sqs",
  targetPrefix: "AmazonSQS",
  denialStatus: 403,
  queryErrorHeader: (code) => `Old.${code}`,
});
const query = queryProtocol({ xmlns: "urn:x", denialCode: "AuthorizationError" });
const rest = restJsonProtocol({
  routes: [
    { method: "GET", pattern: "/functions/{Name}", operation: "Get" },
    { method: "GET", pattern: "/functions/all", operation: "GetAll", query: { MaxItems: "Limit" } },
    { method: "POST", pattern: "/functions/{Name}/invocations", operation: "Invoke", rawBody: true },
    { method: "DELETE", pattern: "/tags/{Arn+}", operation: "Untag" },
  ],
  status: { Untag: 204 },
});

/** What every protocol makes of the same denial. */
const denials: readonly (readonly [string, Protocol, number, RegExp])[] = [
  [
    "AWS JSON",
    json,
    403,
    /"__type":"com\.amazon\.coral\.service#AccessDeniedException","message":"no & never"/,
  ],
  ["AWS Query", query, 403, /<Code>AuthorizationError<\/Code><Message>no &amp; never<\/Message>/],
  ["REST JSON", rest, 403, /"message":"no & never"/],
];

describe("a denial", () => {
  it.each(denials)("has the shape of %s", (_name, protocol, status, body) => {
    const error = new AwsError("AccessDenied", "no & never", 403);
    const answer = protocol.failure(error, { requestId: "r-1", request: request("POST", "/") });
    expect(answer.status).toBe(status);
    expect(answer.body).toMatch(body);
  });
});

describe("AWS JSON", () => {
  it("reads the operation from its target, and an empty body as nothing", async () => {
    const sent = (target: string, body: string) =>
      json.parse(request("POST", "/", { "x-amz-target": target }, body));
    expect(await sent("AmazonSQS.Purge", "")).toEqual({ operation: "Purge", input: {} });
    await expect(async () => await sent("Other.Purge", "{}")).rejects.toMatchObject({
      code: "UnknownOperationException",
    });
    for (const body of ["[]", "1", "{", "null"]) {
      await expect(async () => await sent("AmazonSQS.Purge", body)).rejects.toMatchObject({
        code: "SerializationException",
      });
    }
  });

  it("translates an operation's error for clients that once spoke Query", () => {
    const failure = json.failure(new AwsError("NoQueue", "gone", 400, { Extra: 1 }), {
      requestId: "r",
      request: request("POST", "/"),
    });
    expect(failure.headers?.["x-amzn-query-error"]).toBe("Old.NoQueue;Sender");
    expect(JSON.parse(String(failure.body))).toEqual({
      __type: "com.amazonaws.sqs#NoQueue",
      message: "gone",
      Extra: 1,
    });
  });
});

describe("AWS Query", () => {
  it("reads lists, structures and maps", async () => {
    const body =
      "Action=Tag&Names.member.1=a&Names.member.2=b&Tags.member.2.Key=y&Tags.member.1.Key=x&Tags.member.1.Value=1" +
      "&Attributes.entry.1.key=k&Attributes.entry.1.value=v&__proto__=no";
    const { operation, input } = await query.parse(request("POST", "/", {}, body));
    const parameters = input as Record<string, string>;
    expect(operation).toBe("Tag");
    expect(members(parameters, "Names.member")).toEqual(["a", "b"]);
    expect(structures(parameters, "Tags.member")).toEqual([{ Key: "x", Value: "1" }, { Key: "y" }]);
    expect(entries(parameters, "Attributes.entry")).toEqual({ k: "v" });
    await expect(async () => await query.parse(request("GET", "/?Version=1"))).rejects.toMatchObject({
      code: "MissingAction",
    });
  });

  it("answers with a result, or without", () => {
    expect(query.success({ A: "b" }, call("Tag")).body).toContain(
      '<TagResponse xmlns="urn:x"><TagResult><A>b</A></TagResult><ResponseMetadata><RequestId>r-1</RequestId>',
    );
    expect(query.success(undefined, call("Tag")).body).not.toContain("TagResult");
  });
});

describe("REST JSON", () => {
  const parse = async (...given: Parameters<typeof request>) => await rest.parse(request(...given));

  it("finds the operation by method and path, the more literal first", async () => {
    expect(await parse("GET", "/functions/a%20b?Qualifier=1&x=1&x=2")).toEqual({
      operation: "Get",
      input: { Name: "a b", Qualifier: "1", x: ["1", "2"] },
    });
    expect(await parse("GET", "/functions/all?MaxItems=5")).toEqual({
      operation: "GetAll",
      input: { Limit: "5" },
    });
    expect(await parse("DELETE", "/tags/arn:aws:lambda:x:y/z")).toMatchObject({
      input: { Arn: "arn:aws:lambda:x:y/z" },
    });
    await expect(parse("PUT", "/functions/a")).rejects.toMatchObject({
      code: "UnknownOperationException",
      status: 404,
    });
    await expect(parse("GET", "/functions/%zz")).rejects.toMatchObject({ code: "ValidationException" });
  });

  it("leaves a raw body alone, and takes members from any other; the path wins", async () => {
    expect(await parse("POST", "/functions/f/invocations", {}, "not json")).toEqual({
      operation: "Invoke",
      input: { Name: "f" },
    });
    expect(await parse("GET", "/functions/f", {}, '{"Name":"g","More":true}')).toMatchObject({
      input: { Name: "f", More: true },
    });
  });

  it("lets an output shape the response", () => {
    expect(rest.success({ a: 1 }, call("Get"))).toMatchObject({ status: 200, body: '{"a":1}' });
    expect(rest.success(undefined, call("Untag"))).toMatchObject({ status: 204 });
    const shaped = { $status: 202, $headers: { "x-a": "b" }, $body: "raw" };
    expect(rest.success(shaped, call("Get"))).toMatchObject({
      status: 202,
      headers: { "x-a": "b" },
      body: "raw",
    });
  });
});
