/** 200 buckets and 200 tables linked to one function: the policy fits, and the cloud enforces it. */
import {
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
} from "@aws-sdk/client-dynamodb";
import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  IAMClient,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { all } from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { startTestCloud, type TestCloud } from "../../../cloud/src/testing.ts";
import { grantsOf } from "./grant.ts";
import type { Permission } from "./include.ts";
import { INLINE_LIMIT, MANAGED_LIMIT, managedPoliciesFor, type Policies, writePolicies } from "./policy.ts";
import { resolvePermission } from "./resolve.ts";
import type { Statement } from "./statement.ts";

const COUNT = 200;
const bucketName = (i: number) => `shop-production-uploads${i}-a1b2c3d`;
const tableName = (i: number) => `shop-production-Orders${i}-a1b2c3d`;
const bucketArn = (i: number) => `arn:aws:s3:::${bucketName(i)}`;
const tableArn = (i: number) => `arn:aws:dynamodb:us-east-1:000000000000:table/${tableName(i)}`;
const each = Array.from({ length: COUNT }, (_, i) => i);

const options = (name: string) => ({ name, full: false });
const permissions = each.flatMap((i) => [
  ...grantsOf("bowline:aws:Bucket", bucketArn(i), [], options(`Uploads${i}`)).permissions,
  ...grantsOf("bowline:aws:Dynamo", tableArn(i), [], options(`Orders${i}`)).permissions,
]);

function resolved(of: readonly Permission[]): Promise<Statement[]> {
  return new Promise((done) => {
    all(of.map(resolvePermission)).apply((statements) => done(statements as Statement[]));
  });
}

/** A statement a link, as SST writes them. */
function unmergedPolicy(): string {
  const statement = (service: string, arn: string) => ({
    Effect: "Allow",
    Action: [`${service}:*`],
    Resource: [arn, `${arn}/*`],
  });
  const Statement = each.flatMap((i) => [statement("s3", bucketArn(i)), statement("dynamodb", tableArn(i))]);
  return JSON.stringify({ Version: "2012-10-17", Statement });
}

/** A role with the documents as the Function component attaches them. */
async function roleWith(cloud: TestCloud, { inline, managed }: Policies) {
  const iam = cloud.client(IAMClient);
  const trust = {
    Version: "2012-10-17",
    Statement: { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" },
  };
  const RoleName = "Api";
  const { Role } = await iam.send(
    new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: JSON.stringify(trust) }),
  );
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "Links", PolicyDocument: inline }));
  for (const [i, PolicyDocument] of managed.entries()) {
    const { Policy } = await iam.send(
      new CreatePolicyCommand({ PolicyName: `ApiLinks${i + 1}`, PolicyDocument }),
    );
    await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: Policy?.Arn }));
  }
  return cloud.cloud.assumeRole(Role?.Arn ?? "", "test");
}

const outcome = (call: Promise<unknown>) =>
  call.then(
    () => "allowed",
    (error: Error) => (/^AccessDenied/.test(error.name) ? "denied" : error),
  );

test("200 linked buckets and 200 tables fit, where a statement a link would not, and are enforced", async () => {
  const policies = writePolicies("Api", await resolved(permissions), managedPoliciesFor(permissions));
  const documents = [policies.inline, ...policies.managed];
  const sizes = documents.map((text) => text.length);
  const size = sizes.reduce((sum, own) => sum + own, 0);
  const unmerged = unmergedPolicy().length;
  console.log(
    `Policy of ${COUNT} buckets and ${COUNT} tables: ${size} characters in ${documents.length} documents (${sizes.join(", ")}); ` +
      `as a statement a link, all in one inline policy: ${unmerged}, of which IAM takes ${INLINE_LIMIT}.`,
  );
  expect(sizes[0]).toBeLessThanOrEqual(INLINE_LIMIT);
  for (const own of sizes.slice(1)) expect(own).toBeLessThanOrEqual(MANAGED_LIMIT);
  expect(unmerged).toBeGreaterThan(INLINE_LIMIT);

  await using cloud = await startTestCloud();
  const unlinked = COUNT;
  for (const i of [0, 137, COUNT - 1, unlinked]) {
    await cloud.client(S3Client).send(new CreateBucketCommand({ Bucket: bucketName(i) }));
    await cloud.client(DynamoDBClient).send(
      new CreateTableCommand({
        TableName: tableName(i),
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
        KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      }),
    );
  }
  const tooLong = cloud
    .client(IAMClient)
    .send(new CreatePolicyCommand({ PolicyName: "Unmerged", PolicyDocument: unmergedPolicy() }));
  await expect(tooLong).rejects.toMatchObject({ name: expect.stringMatching(/LimitExceeded/) });

  const credentials = await roleWith(cloud, policies);
  const s3 = cloud.client(S3Client, credentials);
  const tables = cloud.client(DynamoDBClient, credentials);
  const calls = async (i: number) => {
    const Bucket = bucketName(i);
    const TableName = tableName(i);
    const found: Record<string, unknown> = {};
    found.put = await outcome(s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x" })));
    found.get = await outcome(s3.send(new GetObjectCommand({ Bucket, Key: "k" })));
    found.list = await outcome(s3.send(new ListObjectsV2Command({ Bucket })));
    found.deleteBucket = await outcome(s3.send(new DeleteBucketCommand({ Bucket })));
    found.putItem = await outcome(tables.send(new PutItemCommand({ TableName, Item: { id: { S: "1" } } })));
    found.query = await outcome(
      tables.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: "id = :id",
          ExpressionAttributeValues: { ":id": { S: "1" } },
        }),
      ),
    );
    found.deleteTable = await outcome(tables.send(new DeleteTableCommand({ TableName })));
    return found;
  };
  const linked = {
    put: "allowed",
    get: "allowed",
    list: "allowed",
    deleteBucket: "denied",
    putItem: "allowed",
    query: "allowed",
    deleteTable: "denied",
  };
  for (const i of [0, 137, COUNT - 1]) expect(await calls(i), `resources ${i}`).toEqual(linked);
  expect(new Set(Object.values(await calls(unlinked)))).toEqual(new Set(["denied"]));
}, 60_000);
