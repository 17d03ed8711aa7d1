import {
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
} from "@aws-sdk/client-iam";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LocalAws, startLocalAws } from "../testing.ts";

let aws: LocalAws;
let iam: IAMClient;
beforeAll(async () => {
  aws = await startLocalAws();
  iam = aws.client(IAMClient);
});
afterAll(() => aws?.[Symbol.asyncDispose]());

const trust = (service: string) => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }],
});
const allow = (Action: string) => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action, Resource: "*" }],
});

describe("a role", () => {
  test("gets a name of its own, and the outputs of @pulumi/aws", async () => {
    const role = aws.resource("aws:iam/role:Role", "Api");
    const inputs = {
      assumeRolePolicy: trust("lambda.amazonaws.com"),
      description: "for the API",
      tags: { team: "a" },
    };
    const preview = await role.preview(inputs);
    expect(await role.up(inputs)).toBe("create");
    expect(role.id).toMatch(/^shop-test-Api-[0-9a-f]{7}$/);
    expect(role.outputs).toMatchObject({
      name: role.id,
      arn: `arn:aws:iam::000000000000:role/${role.id}`,
      uniqueId: expect.stringMatching(/^AROA/),
      createDate: expect.stringMatching(/^\d{4}-/),
      path: "/",
      maxSessionDuration: 3600,
      assumeRolePolicy: JSON.stringify(trust("lambda.amazonaws.com")),
      tagsAll: { team: "a" },
    });
    expect(preview.arn).toBe(role.outputs.arn);
    expect(await role.up(inputs)).toBe("same");
  });

  test("changes in place, and is replaced when its path changes", async () => {
    const role = aws.resource("aws:iam/role:Role", "Changing");
    await role.up({ assumeRolePolicy: trust("lambda.amazonaws.com") });
    const name = role.id;
    expect(
      await role.up({ assumeRolePolicy: trust("scheduler.amazonaws.com"), description: "now this" }),
    ).toBe("update");
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: name }));
    expect(Role?.Description).toBe("now this");
    expect(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? "")).toContain("scheduler");
    expect(await role.up({ assumeRolePolicy: trust("lambda.amazonaws.com"), path: "/app/" })).toBe("replace");
    expect(role.id).not.toBe(name);
    expect(role.outputs.arn).toContain("role/app/");
    await expect(iam.send(new GetRoleCommand({ RoleName: name }))).rejects.toThrow(
      /NoSuchEntity|cannot be found/,
    );
  });

  test("under a name of the program's is deleted before it is replaced", async () => {
    const role = aws.resource("aws:iam/role:Role", "Named");
    const inputs = { name: "named-by-hand", assumeRolePolicy: trust("lambda.amazonaws.com") };
    await role.up(inputs);
    expect(await role.up({ ...inputs, path: "/app/" })).toBe("delete-replace");
    expect(await role.refresh()).toBe(true);
  });

  test("that a crash left behind is taken up again, one of another's is not", async () => {
    const role = aws.resource("aws:iam/role:Role", "Crashed");
    await role.up({ assumeRolePolicy: trust("lambda.amazonaws.com") });
    const name = role.id;
    await role.createAgain({ assumeRolePolicy: trust("events.amazonaws.com") });
    expect(role.id).toBe(name);
    expect(role.outputs.assumeRolePolicy).toContain("events.amazonaws.com");

    await aws
      .resource("aws:iam/role:Role", "Theirs")
      .up({ name: "theirs", assumeRolePolicy: trust("lambda.amazonaws.com") });
    const other = aws.resource("aws:iam/role:Role", "Ours");
    await expect(
      other.up({ name: "theirs", assumeRolePolicy: trust("lambda.amazonaws.com") }),
    ).rejects.toThrow(/CreateRole: EntityAlreadyExists/);
  });

  test("whose creation was interrupted is found and finished, even under a name of the program's", async () => {
    const inputs = { name: "half-made", assumeRolePolicy: trust("lambda.amazonaws.com") };
    const role = aws.resource("aws:iam/role:Role", "HalfMade");
    expect(await role.recover(inputs)).toBe(false);
    await role.up(inputs);
    const inlinePolicies = [{ name: "rest", policy: JSON.stringify(allow("s3:GetObject")) }];
    expect(await role.recover({ ...inputs, inlinePolicies })).toBe(true);
    await iam.send(new GetRolePolicyCommand({ RoleName: "half-made", PolicyName: "rest" }));
  });

  test("brings its inline policies along", async () => {
    const role = aws.resource("aws:iam/role:Role", "Inline");
    const inline = (name: string) => ({ name, policy: JSON.stringify(allow("s3:GetObject")) });
    await role.up({
      assumeRolePolicy: trust("lambda.amazonaws.com"),
      inlinePolicies: [inline("one"), inline("two")],
    });
    await role.up({ assumeRolePolicy: trust("lambda.amazonaws.com"), inlinePolicies: [inline("two")] });
    await expect(
      iam.send(new GetRolePolicyCommand({ RoleName: role.id, PolicyName: "one" })),
    ).rejects.toThrow();
    await iam.send(new GetRolePolicyCommand({ RoleName: role.id, PolicyName: "two" }));
    await role.delete();
    expect(await role.refresh()).toBe(false);
    await role.delete();
  });

  test("without a trust policy is refused before anything is made", async () => {
    await expect(aws.resource("aws:iam/role:Role").up({})).rejects.toThrow('"assumeRolePolicy" is required');
  });
});

test("a role policy is put, changed and removed", async () => {
  const role = aws.resource("aws:iam/role:Role", "Holder");
  await role.up({ assumeRolePolicy: trust("lambda.amazonaws.com") });
  const policy = aws.resource("aws:iam/rolePolicy:RolePolicy", "Links");
  expect(await policy.up({ role: role.id, policy: allow("s3:GetObject") })).toBe("create");
  expect(policy.id).toBe(`${role.id}:${policy.outputs.name}`);
  expect(
    await policy.up({ role: role.id, policy: JSON.stringify(allow("s3:GetObject"), undefined, 2) }),
  ).toBe("same");
  expect(await policy.up({ role: role.id, policy: allow("s3:PutObject") })).toBe("update");
  expect(policy.outputs.policy).toContain("s3:PutObject");
  await policy.delete();
  expect(await policy.refresh()).toBe(false);
  await policy.delete();
});

test("a managed policy keeps its five versions and lets go of all of them", async () => {
  const role = aws.resource("aws:iam/role:Role", "Managed");
  await role.up({ assumeRolePolicy: trust("lambda.amazonaws.com") });
  const policy = aws.resource("aws:iam/policy:Policy", "Spill");
  await policy.up({ policy: allow("s3:GetObject") });
  expect(policy.outputs).toMatchObject({ arn: policy.id, policyId: expect.stringMatching(/^ANPA/) });
  const attachment = aws.resource("aws:iam/rolePolicyAttachment:RolePolicyAttachment");
  expect(await attachment.up({ role: role.id, policyArn: policy.id })).toBe("create");
  for (const action of ["a", "b", "c", "d", "e", "f"]) {
    expect(await policy.up({ policy: allow(`s3:Get${action}`) })).toBe("update");
  }
  expect(await attachment.refresh()).toBe(true);
  await attachment.delete();
  expect(await attachment.refresh()).toBe(false);
  await attachment.delete();
  const { AttachedPolicies } = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName: role.id }));
  expect(AttachedPolicies).toEqual([]);
  await policy.delete();
  expect(await policy.refresh()).toBe(false);
});
