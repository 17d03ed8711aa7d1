// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how IAM writes policy variables
import { describe, expect, it } from "vitest";
import type { Principal } from "../service.ts";
import { type ExplainRequest, explain } from "./explain.ts";
import type { PolicyDocument, PolicyStatement } from "./policy.ts";

const account = "000000000000";
const role: Principal = {
  kind: "role",
  arn: `arn:aws:sts::${account}:assumed-role/Api/main`,
  roleArn: `arn:aws:iam::${account}:role/Api`,
  sessionName: "main",
  accountId: account,
};
const sns: Principal = {
  kind: "service",
  service: "sns.amazonaws.com",
  sourceArn: `arn:aws:sns:us-east-1:${account}:topic`,
  accountId: account,
};
const object = "arn:aws:s3:::photos/cat.jpg";
const queue = `arn:aws:sqs:us-east-1:${account}:jobs`;

const policy = (...Statement: PolicyStatement[]): PolicyDocument => ({ Version: "2012-10-17", Statement });
const allow = (Action: string, Resource = "*", rest: Partial<PolicyStatement> = {}): PolicyStatement => ({
  Effect: "Allow",
  Action,
  Resource,
  ...rest,
});

function ask(request: Partial<ExplainRequest>) {
  return explain({ principal: role, action: "s3:GetObject", resource: object, ...request });
}

describe("explaining a decision", () => {
  it("names the statement by its Sid or number, and its policy", () => {
    const main = policy(allow("sqs:*"), { ...allow("s3:Get*", "arn:aws:s3:::photos/*"), Sid: "ReadPhotos" });
    expect(ask({ identity: { Main: main } })).toEqual({
      allowed: true,
      reason: "allowed by statement “ReadPhotos” of Main",
      policy: "Main",
      statement: "“ReadPhotos”",
    });
    const deny = policy(allow("*"), { Effect: "Deny", Action: "s3:*", Resource: "arn:aws:s3:::photos/*" });
    expect(ask({ identity: { Main: main, Guard: deny } }).reason).toBe("denied by statement 2 of Guard");
  });

  it("says what is missing when nothing decided", () => {
    expect(ask({}).reason).toBe(`no identity-based policy allows s3:GetObject on ${object}`);
    const all = { Main: policy(allow("*")) };
    expect(ask({ identity: all, boundary: policy(allow("sqs:*")) }).reason).toBe(
      `no permissions boundary allows s3:GetObject on ${object}`,
    );
    expect(ask({ principal: sns, action: "sqs:SendMessage", resource: queue }).reason).toBe(
      `no resource-based policy allows sqs:SendMessage on ${queue}`,
    );
    expect(ask({ principal: { kind: "anonymous" } }).allowed).toBe(false);
  });

  it("refuses a malformed policy by name", () => {
    const broken = { Statement: [{ Effect: "Allow", Action: "GetObject", Resource: "*" }] } as PolicyDocument;
    expect(() => ask({ identity: { Broken: broken } })).toThrow(/^Broken: Actions.*prefaced by a vendor/);
  });
});

describe("a service principal", () => {
  const grant = (condition: PolicyStatement["Condition"], Principal: PolicyStatement["Principal"]) =>
    ask({
      principal: sns,
      action: "sqs:SendMessage",
      resource: queue,
      resourcePolicy: policy({
        Effect: "Allow",
        Principal,
        Action: "sqs:SendMessage",
        Resource: queue,
        Condition: condition,
      }),
    }).allowed;

  it("is granted by name, or by everyone from a source", () => {
    const from = (arn: string) => ({ ArnLike: { "aws:SourceArn": arn } });
    expect(grant(undefined, { Service: "sns.amazonaws.com" })).toBe(true);
    expect(grant(undefined, { Service: "s3.amazonaws.com" })).toBe(false);
    expect(grant(from(`arn:aws:sns:*:${account}:topic`), { AWS: "*" })).toBe(true);
    expect(grant(from(`arn:aws:sns:*:${account}:other`), { AWS: "*" })).toBe(false);
    expect(grant({ StringEquals: { "aws:SourceAccount": account } }, { Service: "sns.amazonaws.com" })).toBe(
      true,
    );
    expect(grant({ StringEquals: { "aws:SourceAccount": "1" } }, { Service: "sns.amazonaws.com" })).toBe(
      false,
    );
  });
});

describe("the request context", () => {
  const given = (Condition: PolicyStatement["Condition"], extra: Partial<ExplainRequest> = {}) =>
    ask({ identity: { Main: policy(allow("s3:*", "*", { Condition })) }, ...extra }).allowed;

  it.each([
    ["who calls", { ArnEquals: { "aws:PrincipalArn": `arn:aws:iam::${account}:role/Api` } }],
    ["which account", { StringEquals: { "aws:PrincipalAccount": account } }],
    ["which kind", { StringEquals: { "aws:PrincipalType": "AssumedRole" } }],
    ["from where", { IpAddress: { "aws:SourceIp": "127.0.0.0/8" } }],
    ["how safely", { Bool: { "aws:SecureTransport": "true" } }],
    ["when", { DateGreaterThan: { "aws:CurrentTime": "2020-01-01T00:00:00Z" } }],
    ["when, in seconds", { NumericGreaterThan: { "aws:EpochTime": 1_500_000_000 } }],
    ["where to", { StringEquals: { "aws:RequestedRegion": "us-east-1" } }],
    ["what is not there", { Null: { "aws:SourceArn": "true" } }],
    ["itself, by a variable", { StringLike: { "aws:PrincipalArn": "*:${aws:PrincipalAccount}:role/Api" } }],
  ])("says %s", (_what, condition) => {
    expect(given(condition)).toBe(true);
  });

  it("has the keys a service adds, whatever their case", () => {
    const context = { "s3:Prefix": "public/2026" };
    expect(given({ StringLike: { "S3:prefix": "public/*" } }, { context })).toBe(true);
    expect(given({ StringLike: { "s3:prefix": "private/*" } }, { context })).toBe(false);
  });

  it("takes a variable's wildcards as they are", () => {
    const identity = { Main: policy(allow("s3:*", "arn:aws:s3:::${s3:bucket}/*")) };
    expect(ask({ identity, context: { "s3:bucket": "photos" } }).allowed).toBe(true);
    expect(ask({ identity, context: { "s3:bucket": "*" } }).allowed).toBe(false);
    const withDefault = { Main: policy(allow("s3:*", "arn:aws:s3:::${s3:bucket, 'photos'}/*")) };
    expect(ask({ identity: withDefault }).allowed).toBe(true);
  });
});

it("stays fast on patterns made to be slow", () => {
  const hostile = { Main: policy(allow("s3:*", `arn:aws:s3:::${"*a".repeat(400)}b`)) };
  const start = performance.now();
  expect(ask({ identity: hostile, resource: `arn:aws:s3:::${"a".repeat(4000)}` }).allowed).toBe(false);
  expect(performance.now() - start).toBeLessThan(1000);
});
