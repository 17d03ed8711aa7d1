import { IAMClient, ListRolePoliciesCommand } from "@aws-sdk/client-iam";
import * as aws from "@pulumi/aws";
import { expect, test } from "vitest";
import { Bucket, Function as LambdaFunction } from "./index.ts";
import { startTestApp } from "./testing.ts";

const files = { "src/api.ts": "export const handler = async () => {};" };
const trust = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
});

test("a role the user brings is given what the links allow, and nothing that is linked to nobody has a policy", async () => {
  await using app = await startTestApp(files);
  const { outputs } = await app.deploy(() => {
    const role = new aws.iam.Role("Own", { assumeRolePolicy: trust });
    const uploads = new Bucket("Uploads");
    new LambdaFunction("Api", { handler: "src/api.handler", role: role.arn, link: [uploads.link("read")] });
    const idle = new LambdaFunction("Idle", { handler: "src/api.handler" });
    return { role: role.arn, bucket: uploads.arn, idle: idle.nodes.role?.name };
  });
  const resource = `${outputs.bucket}/any`;
  const may = (action: string) => app.cloud.explain(String(outputs.role), { action, resource }).allowed;
  expect([may("s3:GetObject"), may("s3:PutObject")]).toEqual([true, false]);
  const { endpoint, region, credentials } = app.cloud;
  const iam = new IAMClient({ endpoint, region, credentials });
  const { PolicyNames } = await iam.send(new ListRolePoliciesCommand({ RoleName: String(outputs.idle) }));
  expect(PolicyNames).toEqual([]);
});

test("a role that is none is refused, never passed over", async () => {
  await using app = await startTestApp(files);
  await expect(
    app.deploy(() => {
      const uploads = new Bucket("Uploads");
      new LambdaFunction("Api", { handler: "src/api.handler", role: "my-role", link: [uploads] });
      return {};
    }),
  ).rejects.toThrow('Api: role is "my-role", which is no role\'s ARN.');
});
