import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LocalAws, startLocalAws } from "../testing.ts";
import { policyDocument } from "./policy-document.ts";

let aws: LocalAws;
beforeAll(async () => {
  aws = await startLocalAws();
});
afterAll(() => aws?.[Symbol.asyncDispose]());

const invoke = async (token: string, args = {}) =>
  aws.provider.invoke?.(token, args, { preview: false, config: {} });

test("who and where we are", async () => {
  expect(await invoke("aws:index/getRegion:getRegion")).toMatchObject({
    id: "us-east-1",
    region: "us-east-1",
    name: "us-east-1",
  });
  expect(await invoke("aws:index/getCallerIdentity:getCallerIdentity")).toMatchObject({
    accountId: "000000000000",
    arn: "arn:aws:iam::000000000000:root",
  });
  expect(await invoke("aws:index/getPartition:getPartition")).toMatchObject({
    partition: "aws",
    dnsSuffix: "amazonaws.com",
  });
  expect(await invoke("aws:index/getAvailabilityZones:getAvailabilityZones")).toMatchObject({
    names: ["us-east-1a", "us-east-1b", "us-east-1c"],
    zoneIds: ["use1-az1", "use1-az2", "use1-az3"],
  });
});

test("a bucket, a policy and a function that exist", async () => {
  const bucket = aws.resource("aws:s3/bucket:Bucket", "Known");
  await bucket.up({});
  expect(await invoke("aws:s3/getBucket:getBucket", { bucket: bucket.id })).toMatchObject({
    arn: bucket.outputs.arn,
  });
  await expect(invoke("aws:s3/getBucket:getBucket", { bucket: "no-such-bucket" })).rejects.toThrow(
    /HeadBucket/,
  );
  const policy = aws.resource("aws:iam/policy:Policy", "Known");
  const document = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "s3:GetObject", Resource: "*" }],
  };
  await policy.up({ policy: document });
  expect(await invoke("aws:iam/getPolicy:getPolicy", { arn: policy.id })).toMatchObject({
    name: policy.outputs.name,
    policy: JSON.stringify(document),
  });
});

test("a function nobody answers is named", async () => {
  await expect(invoke("aws:ec2/getVpc:getVpc")).rejects.toThrow(
    "The local cloud has no answer to aws:ec2/getVpc:getVpc.",
  );
});

describe("getPolicyDocument", () => {
  test("renders statements in AWS's words", () => {
    const { json, minifiedJson } = policyDocument({
      statements: [
        {
          sid: "Read",
          actions: ["s3:GetObject", "s3:ListBucket"],
          resources: ["arn:aws:s3:::b/&{aws:username}"],
          conditions: [
            { test: "StringEquals", variable: "aws:x", values: ["1"] },
            { test: "StringEquals", variable: "aws:y", values: ["1", "2"] },
          ],
        },
        {
          effect: "Deny",
          notActions: ["iam:*"],
          principals: [{ type: "Service", identifiers: ["lambda.amazonaws.com"] }],
        },
        { actions: ["sts:AssumeRole"], principals: [{ type: "*", identifiers: ["*"] }] },
      ],
    });
    expect(JSON.parse(json)).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "Read",
          Effect: "Allow",
          Action: ["s3:ListBucket", "s3:GetObject"],
          // biome-ignore lint/suspicious/noTemplateCurlyInString: a policy variable
          Resource: "arn:aws:s3:::b/${aws:username}",
          Condition: { StringEquals: { "aws:x": "1", "aws:y": ["2", "1"] } },
        },
        { Effect: "Deny", NotAction: "iam:*", Principal: { Service: "lambda.amazonaws.com" } },
        { Effect: "Allow", Action: "sts:AssumeRole", Principal: "*" },
      ],
    });
    expect(minifiedJson).toBe(JSON.stringify(JSON.parse(json)));
  });

  test("inherits and overrides by sid", () => {
    const source = policyDocument({
      statements: [
        { sid: "A", actions: ["a:*"] },
        { sid: "B", actions: ["b:*"] },
      ],
    }).json;
    const override = policyDocument({
      statements: [{ sid: "B", actions: ["c:*"] }, { actions: ["d:*"] }],
    }).json;
    const { json } = policyDocument({ sourcePolicyDocuments: [source], overridePolicyDocuments: [override] });
    expect(JSON.parse(json).Statement.map(({ Action }: { Action: string }) => Action)).toEqual([
      "a:*",
      "c:*",
      "d:*",
    ]);
  });

  test("refuses two statements of one sid, and what is no policy", () => {
    expect(() => policyDocument({ statements: [{ sid: "A" }, { sid: "A" }] })).toThrow(
      'two statements with the sid "A"',
    );
    expect(() => policyDocument({ sourcePolicyDocuments: ["nope"] })).toThrow("not JSON: nope");
  });
});
