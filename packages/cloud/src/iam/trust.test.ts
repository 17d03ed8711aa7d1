/** A service acts as a role only where the role's trust policy lets it, and says so when AWS says so. */
import { ApiGatewayV2Client, CreateApiCommand } from "@aws-sdk/client-apigatewayv2";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import {
  CreateRoleCommand,
  IAMClient,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { UpdateFunctionConfigurationCommand } from "@aws-sdk/client-lambda";
import { CreateScheduleCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import { afterAll, expect, it } from "vitest";
import { startLambdaCloud } from "../lambda/testing.ts";

const test = await startLambdaCloud();
afterAll(() => test[Symbol.asyncDispose]());
const iam = test.client(IAMClient);

const trustOf = (Service: string, Condition?: object) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service }, Action: "sts:AssumeRole", Condition }],
  });

let roles = 0;
/** A role that may do anything, for whom it trusts. */
async function roleFor(service: string, condition?: object): Promise<string> {
  const RoleName = `trust-${++roles}`;
  const { Role } = await iam.send(
    new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trustOf(service, condition) }),
  );
  const all = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] };
  await iam.send(
    new PutRolePolicyCommand({ RoleName, PolicyName: "All", PolicyDocument: JSON.stringify(all) }),
  );
  return Role?.Arn ?? "";
}

const CODE = { "index.mjs": "export const handler = async () => 'ran';" };

it("refuses a function a role that does not trust Lambda", async () => {
  const FunctionName = await test.create(CODE);
  const Role = await roleFor("ec2.amazonaws.com");
  await expect(
    test.lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Role })),
  ).rejects.toMatchObject({
    name: "InvalidParameterValueException",
    message: "The role defined for the function cannot be assumed by Lambda.",
  });
});

it("does not run a function whose role trusts Lambda no more", async () => {
  const FunctionName = await test.create(CODE);
  const Role = await roleFor("lambda.amazonaws.com");
  await test.lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Role }));
  const RoleName = Role.split("/").at(-1);
  await iam.send(
    new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: trustOf("ec2.amazonaws.com") }),
  );
  await expect(test.invoke(FunctionName)).rejects.toMatchObject({
    name: "AccessDeniedException",
    message: expect.stringContaining("The role defined for the function cannot be assumed by Lambda."),
  });
});

it("refuses a schedule a role that does not trust the Scheduler on behalf of its group", async () => {
  const scheduler = test.client(SchedulerClient);
  const create = (Name: string, RoleArn: string) =>
    scheduler.send(
      new CreateScheduleCommand({
        Name,
        ScheduleExpression: "rate(1 day)",
        FlexibleTimeWindow: { Mode: "OFF" },
        Target: { Arn: "arn:aws:sqs:us-east-1:000000000000:q", RoleArn },
      }),
    );
  const from = (group: string) => ({
    ArnEquals: { "aws:SourceArn": `arn:aws:scheduler:us-east-1:000000000000:schedule-group/${group}` },
  });
  const refusal = {
    name: "ValidationException",
    message: "The execution role you provide must allow AWS EventBridge Scheduler to assume the role.",
  };
  await expect(create("a", await roleFor("lambda.amazonaws.com"))).rejects.toMatchObject(refusal);
  await expect(create("b", await roleFor("scheduler.amazonaws.com", from("other")))).rejects.toMatchObject(
    refusal,
  );
  await expect(create("c", "arn:aws:iam::000000000000:role/nobody")).rejects.toMatchObject(refusal);
  await create("d", await roleFor("scheduler.amazonaws.com", from("default")));
});

it("refuses a rule's target a role that does not trust EventBridge", async () => {
  const bridge = test.client(EventBridgeClient);
  await bridge.send(new PutRuleCommand({ Name: "relay", EventPattern: '{"source":["relay"]}' }));
  const Arn = "arn:aws:events:us-east-1:000000000000:event-bus/default";
  const put = (RoleArn: string) =>
    bridge.send(new PutTargetsCommand({ Rule: "relay", Targets: [{ Id: "t", Arn, RoleArn }] }));
  const RoleArn = await roleFor("lambda.amazonaws.com");
  await expect(put(RoleArn)).rejects.toMatchObject({
    name: "ValidationException",
    message: `Provided role '${RoleArn}' cannot be assumed by principal 'events.amazonaws.com'.`,
  });
  await put(await roleFor("events.amazonaws.com"));
});

it("answers 500 for an API whose credentials do not trust API Gateway", async () => {
  const gateway = test.client(ApiGatewayV2Client);
  const name = await test.create(CODE);
  const status = async (CredentialsArn: string) => {
    const { ApiEndpoint } = await gateway.send(
      new CreateApiCommand({
        Name: "quick",
        ProtocolType: "HTTP",
        Target: `arn:aws:lambda:us-east-1:000000000000:function:${name}`,
        CredentialsArn,
      }),
    );
    return (await fetch(ApiEndpoint ?? "")).status;
  };
  expect(await status(await roleFor("lambda.amazonaws.com"))).toBe(500);
  expect(await status(await roleFor("apigateway.amazonaws.com"))).toBe(200);
});
