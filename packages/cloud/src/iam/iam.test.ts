import * as sdk from "@aws-sdk/client-iam";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, describe, expect, it } from "vitest";
import { startTestCloud } from "../testing.ts";

const test = await startTestCloud();
afterAll(() => test[Symbol.asyncDispose]());
const iam = test.client(sdk.IAMClient);
const account = "arn:aws:iam::000000000000";

const trust = (principal: object = { Service: "lambda.amazonaws.com" }) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: principal, Action: "sts:AssumeRole" }],
  });
const document = (statement: object = {}) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "iam:GetRole", Resource: "*", ...statement }],
  });
/** A valid document of about so many characters. */
const large = (size: number) => document({ Resource: [`arn:aws:s3:::${"x".repeat(size)}`] });

async function newRole(RoleName: string, rest: object = {}): Promise<string> {
  const { Role } = await iam.send(
    new sdk.CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust(), ...rest }),
  );
  return Role?.Arn ?? "";
}
async function newPolicy(PolicyName: string, PolicyDocument = document()): Promise<string> {
  const { Policy } = await iam.send(new sdk.CreatePolicyCommand({ PolicyName, PolicyDocument }));
  return Policy?.Arn ?? "";
}
const putInline = (RoleName: string, PolicyName: string, PolicyDocument: string) =>
  iam.send(new sdk.PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));
const attach = (RoleName: string, PolicyArn: string) =>
  iam.send(new sdk.AttachRolePolicyCommand({ RoleName, PolicyArn }));

describe("a role", () => {
  it("comes back as it was made", async () => {
    const arn = await newRole("Made", {
      Path: "/app/",
      Description: "for tests & more",
      MaxSessionDuration: 7200,
      Tags: [{ Key: "team", Value: "red" }],
    });
    expect(arn).toBe(`${account}:role/app/Made`);
    const { Role } = await iam.send(new sdk.GetRoleCommand({ RoleName: "Made" }));
    expect(Role).toMatchObject({
      Arn: arn,
      Path: "/app/",
      Description: "for tests & more",
      MaxSessionDuration: 7200,
      Tags: [{ Key: "team", Value: "red" }],
    });
    expect(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? "")).toBe(trust());
    const { Roles } = await iam.send(new sdk.ListRolesCommand({ PathPrefix: "/app/" }));
    expect(Roles?.map(({ RoleName }) => RoleName)).toEqual(["Made"]);
  });

  it("exists once, whatever the case of its name", async () => {
    await newRole("Once");
    await expect(newRole("ONCE")).rejects.toMatchObject({ name: "EntityAlreadyExistsException" });
    await expect(newRole("no spaces")).rejects.toThrow("is invalid");
    await expect(iam.send(new sdk.GetRoleCommand({ RoleName: "None" }))).rejects.toMatchObject({
      name: "NoSuchEntityException",
    });
  });

  it("goes only when it holds no policies", async () => {
    await newRole("Holder");
    const arn = await newPolicy("Held");
    await attach("Holder", arn);
    await putInline("Holder", "Main", document());
    const remove = () => iam.send(new sdk.DeleteRoleCommand({ RoleName: "Holder" }));
    await expect(remove()).rejects.toThrow("must detach all policies first");
    await iam.send(new sdk.DetachRolePolicyCommand({ RoleName: "Holder", PolicyArn: arn }));
    await expect(remove()).rejects.toThrow("must delete policies first");
    await iam.send(new sdk.DeleteRolePolicyCommand({ RoleName: "Holder", PolicyName: "Main" }));
    await remove();
    await expect(remove()).rejects.toMatchObject({ name: "NoSuchEntityException" });
  });

  it("is listed page by page", async () => {
    for (const name of ["Page1", "Page2", "Page3"]) await newRole(name, { Path: "/pages/" });
    const names: (string | undefined)[] = [];
    for await (const page of sdk.paginateListRoles({ client: iam, pageSize: 2 }, { PathPrefix: "/pages/" })) {
      names.push(...(page.Roles ?? []).map(({ RoleName }) => RoleName));
    }
    expect(names).toEqual(["Page1", "Page2", "Page3"]);
  });

  it("may do what a policy attached to it says, as soon as it says so, within its boundary", async () => {
    await newRole("Acting");
    const session = test.cloud.assumeRole(`${account}:role/Acting`);
    const acting = test.client(sdk.IAMClient, session);
    const look = () => acting.send(new sdk.GetRoleCommand({ RoleName: "Acting" }));
    await expect(look()).rejects.toThrow("no identity-based policy");
    const arn = await newPolicy("Looking");
    await attach("Acting", arn);
    await look();
    const boundary = await newPolicy("Fence", document({ Action: "s3:*" }));
    await iam.send(
      new sdk.PutRolePermissionsBoundaryCommand({ RoleName: "Acting", PermissionsBoundary: boundary }),
    );
    await expect(look()).rejects.toThrow("no permissions boundary");
    await iam.send(new sdk.DeleteRolePermissionsBoundaryCommand({ RoleName: "Acting" }));
    const version = { PolicyArn: arn, PolicyDocument: document({ Effect: "Deny" }), SetAsDefault: true };
    await iam.send(new sdk.CreatePolicyVersionCommand(version));
    await expect(look()).rejects.toThrow("with an explicit deny in an identity-based policy");
    await iam.send(new sdk.SetDefaultPolicyVersionCommand({ PolicyArn: arn, VersionId: "v1" }));
    await look();
    await attach("Acting", "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole");
    const attached = await iam.send(new sdk.ListAttachedRolePoliciesCommand({ RoleName: "Acting" }));
    expect(attached.AttachedPolicies?.map(({ PolicyName }) => PolicyName)).toEqual([
      "Looking",
      "AWSLambdaBasicExecutionRole",
    ]);
  });

  it("loses its sessions' permissions when it is deleted", async () => {
    const arn = await newRole("Gone");
    await putInline("Gone", "Main", document({ Action: "*" }));
    const gone = test.client(sdk.IAMClient, test.cloud.assumeRole(arn));
    await gone.send(new sdk.GetRoleCommand({ RoleName: "Gone" }));
    await iam.send(new sdk.DeleteRolePolicyCommand({ RoleName: "Gone", PolicyName: "Main" }));
    await iam.send(new sdk.DeleteRoleCommand({ RoleName: "Gone" }));
    await expect(gone.send(new sdk.ListRolesCommand({}))).rejects.toThrow("not authorized");
    expect(() => test.cloud.assumeRole(arn)).toThrow("There is no role");
  });
});

describe("limits", () => {
  it("hold for inline policies together, managed policies, attachments and versions", async () => {
    await newRole("Full");
    await putInline("Full", "One", large(6000));
    await expect(putInline("Full", "Two", large(6000))).rejects.toThrow(
      "Maximum policy size of 10240 bytes exceeded",
    );
    await putInline("Full", "Two", large(3900).replaceAll(",", `,${" ".repeat(5000)}`));
    await expect(newPolicy("TooLarge", large(6144))).rejects.toMatchObject({
      name: "LimitExceededException",
    });
    for (let i = 0; i < 10; i++) await attach("Full", await newPolicy(`Part${i}`));
    const eleventh = await newPolicy("Part10");
    await expect(attach("Full", eleventh)).rejects.toThrow("PoliciesPerRole: 10");
    const addVersion = () =>
      iam.send(new sdk.CreatePolicyVersionCommand({ PolicyArn: eleventh, PolicyDocument: document() }));
    for (let i = 0; i < 4; i++) await addVersion();
    await expect(addVersion()).rejects.toThrow("up to 5 versions");
    await expect(iam.send(new sdk.DeletePolicyCommand({ PolicyArn: eleventh }))).rejects.toMatchObject({
      name: "DeleteConflictException",
    });
  });
});

describe("a malformed policy", () => {
  it.each([
    ["not JSON", "{"],
    ["no statement", '{"Version":"2012-10-17"}'],
    ["another version", '{"Version":"2020-01-01","Statement":[]}'],
    ["an effect of its own", document({ Effect: "Maybe" })],
    ["an action without a service", document({ Action: "GetObject" })],
    ["no action", document({ Action: undefined })],
    ["both Action and NotAction", document({ NotAction: "s3:*" })],
    ["no resource", document({ Resource: undefined })],
    ["a resource that is no ARN", document({ Resource: "photos" })],
    ["a principal", document({ Principal: "*" })],
    ["an unknown field", document({ Resources: "*" })],
    ["an unknown operator", document({ Condition: { StringIsh: { a: "b" } } })],
    ["a Sid with spaces", document({ Sid: "no good" })],
  ])("is refused: %s", async (_what, PolicyDocument) => {
    await newRole("Victim").catch(() => undefined);
    await expect(putInline("Victim", "Bad", PolicyDocument)).rejects.toMatchObject({
      name: "MalformedPolicyDocumentException",
    });
  });

  it("is refused as a trust policy without principal, or with other actions", async () => {
    for (const bad of [
      document({ Resource: undefined, Action: "sts:AssumeRole" }),
      trust().replace("sts:AssumeRole", "s3:*"),
    ]) {
      await expect(newRole("Untrusted", { AssumeRolePolicyDocument: bad })).rejects.toMatchObject({
        name: "MalformedPolicyDocumentException",
      });
    }
  });
});

it("denies an assumption that only the caller's own policy allows", async () => {
  const target = await newRole("Guarded");
  const caller = await test.roleWith([{ Effect: "Allow", Action: "*", Resource: "*" }]);
  const assume = new AssumeRoleCommand({ RoleArn: target, RoleSessionName: "me" });
  await expect(test.client(STSClient, caller).send(assume)).rejects.toThrow(
    "no resource-based policy allows",
  );
});
