/** Sample calls of IAM's operations. */
import * as sdk from "@aws-sdk/client-iam";
import { sampleCalls } from "../samples.ts";
import type { PolicyStatement } from "./policy.ts";

interface Fixture {
  readonly unique: string;
  readonly role: string;
  readonly roleArn: string;
  readonly policyArn: string;
  /** A role with nothing that would keep it from being deleted. */
  readonly bareRole: string;
  /** A policy attached to nothing, with one version. */
  readonly barePolicyArn: string;
  readonly createdRoleArn: string;
  readonly createdPolicyArn: string;
}

const account = "arn:aws:iam::000000000000";
const trust = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
});
const document = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "s3:GetObject", Resource: "*" }],
});

function only(action: string, resource: string): PolicyStatement[] {
  return [{ Effect: "Allow", Action: `iam:${action}`, Resource: resource }];
}
const onRole = (action: string) => ({ allow: (fixture: Fixture) => only(action, fixture.roleArn) });
const onPolicy = (action: string) => ({ allow: (fixture: Fixture) => only(action, fixture.policyArn) });

export const samples = sampleCalls<sdk.IAMClient, Fixture>({
  service: "iam",
  client: (test, credentials) => test.client(sdk.IAMClient, credentials),
  async prepare(test, unique) {
    const iam = test.client(sdk.IAMClient);
    const role = `role-${unique}`;
    const bareRole = `bare-${unique}`;
    for (const RoleName of [role, bareRole]) {
      await iam.send(new sdk.CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust }));
    }
    await iam.send(
      new sdk.PutRolePolicyCommand({ RoleName: role, PolicyName: "Main", PolicyDocument: document }),
    );
    for (const PolicyName of [`policy-${unique}`, `bare-${unique}`]) {
      await iam.send(new sdk.CreatePolicyCommand({ PolicyName, PolicyDocument: document }));
    }
    const policyArn = `${account}:policy/policy-${unique}`;
    await iam.send(new sdk.CreatePolicyVersionCommand({ PolicyArn: policyArn, PolicyDocument: document }));
    await iam.send(new sdk.AttachRolePolicyCommand({ RoleName: role, PolicyArn: policyArn }));
    return {
      unique,
      role,
      roleArn: `${account}:role/${role}`,
      policyArn,
      bareRole,
      barePolicyArn: `${account}:policy/bare-${unique}`,
      createdRoleArn: `${account}:role/new-${unique}`,
      createdPolicyArn: `${account}:policy/new-${unique}`,
    };
  },
  calls: {
    CreateRole: {
      call: (iam, { unique }) =>
        iam.send(
          new sdk.CreateRoleCommand({
            RoleName: `new-${unique}`,
            AssumeRolePolicyDocument: trust,
            Tags: [{ Key: "a", Value: "b" }],
          }),
        ),
      allow: ({ createdRoleArn }) => [
        ...only("CreateRole", createdRoleArn),
        ...only("TagRole", createdRoleArn),
      ],
    },
    GetRole: {
      call: (iam, { role }) => iam.send(new sdk.GetRoleCommand({ RoleName: role })),
      ...onRole("GetRole"),
    },
    ListRoles: { call: (iam) => iam.send(new sdk.ListRolesCommand({})), allow: () => only("ListRoles", "*") },
    UpdateRole: {
      call: (iam, { role }) => iam.send(new sdk.UpdateRoleCommand({ RoleName: role, Description: "x" })),
      ...onRole("UpdateRole"),
    },
    UpdateRoleDescription: {
      call: (iam, { role }) =>
        iam.send(new sdk.UpdateRoleDescriptionCommand({ RoleName: role, Description: "x" })),
      ...onRole("UpdateRoleDescription"),
    },
    DeleteRole: {
      call: (iam, { bareRole }) => iam.send(new sdk.DeleteRoleCommand({ RoleName: bareRole })),
      allow: ({ bareRole }) => only("DeleteRole", `${account}:role/${bareRole}`),
    },
    UpdateAssumeRolePolicy: {
      call: (iam, { role }) =>
        iam.send(new sdk.UpdateAssumeRolePolicyCommand({ RoleName: role, PolicyDocument: trust })),
      ...onRole("UpdateAssumeRolePolicy"),
    },
    TagRole: {
      call: (iam, { role }) =>
        iam.send(new sdk.TagRoleCommand({ RoleName: role, Tags: [{ Key: "team", Value: "red" }] })),
      ...onRole("TagRole"),
    },
    UntagRole: {
      call: (iam, { role }) => iam.send(new sdk.UntagRoleCommand({ RoleName: role, TagKeys: ["team"] })),
      ...onRole("UntagRole"),
    },
    ListRoleTags: {
      call: (iam, { role }) => iam.send(new sdk.ListRoleTagsCommand({ RoleName: role })),
      ...onRole("ListRoleTags"),
    },
    PutRolePermissionsBoundary: {
      call: (iam, { role, policyArn }) =>
        iam.send(
          new sdk.PutRolePermissionsBoundaryCommand({ RoleName: role, PermissionsBoundary: policyArn }),
        ),
      ...onRole("PutRolePermissionsBoundary"),
    },
    DeleteRolePermissionsBoundary: {
      call: (iam, { role }) => iam.send(new sdk.DeleteRolePermissionsBoundaryCommand({ RoleName: role })),
      ...onRole("DeleteRolePermissionsBoundary"),
    },
    ListInstanceProfilesForRole: {
      call: (iam, { role }) => iam.send(new sdk.ListInstanceProfilesForRoleCommand({ RoleName: role })),
      ...onRole("ListInstanceProfilesForRole"),
    },
    PutRolePolicy: {
      call: (iam, { role }) =>
        iam.send(
          new sdk.PutRolePolicyCommand({ RoleName: role, PolicyName: "Two", PolicyDocument: document }),
        ),
      ...onRole("PutRolePolicy"),
    },
    GetRolePolicy: {
      call: (iam, { role }) => iam.send(new sdk.GetRolePolicyCommand({ RoleName: role, PolicyName: "Main" })),
      ...onRole("GetRolePolicy"),
    },
    DeleteRolePolicy: {
      call: (iam, { role }) =>
        iam.send(new sdk.DeleteRolePolicyCommand({ RoleName: role, PolicyName: "Main" })),
      ...onRole("DeleteRolePolicy"),
    },
    ListRolePolicies: {
      call: (iam, { role }) => iam.send(new sdk.ListRolePoliciesCommand({ RoleName: role })),
      ...onRole("ListRolePolicies"),
    },
    AttachRolePolicy: {
      call: (iam, { role, barePolicyArn }) =>
        iam.send(new sdk.AttachRolePolicyCommand({ RoleName: role, PolicyArn: barePolicyArn })),
      allow: ({ roleArn, barePolicyArn }) => [
        {
          Effect: "Allow",
          Action: "iam:AttachRolePolicy",
          Resource: roleArn,
          Condition: { ArnEquals: { "iam:PolicyARN": barePolicyArn } },
        },
      ],
    },
    DetachRolePolicy: {
      call: (iam, { role, policyArn }) =>
        iam.send(new sdk.DetachRolePolicyCommand({ RoleName: role, PolicyArn: policyArn })),
      ...onRole("DetachRolePolicy"),
    },
    ListAttachedRolePolicies: {
      call: (iam, { role }) => iam.send(new sdk.ListAttachedRolePoliciesCommand({ RoleName: role })),
      ...onRole("ListAttachedRolePolicies"),
    },
    CreatePolicy: {
      call: (iam, { unique }) =>
        iam.send(
          new sdk.CreatePolicyCommand({
            PolicyName: `new-${unique}`,
            PolicyDocument: document,
            Tags: [{ Key: "a", Value: "b" }],
          }),
        ),
      allow: ({ createdPolicyArn }) => [
        ...only("CreatePolicy", createdPolicyArn),
        ...only("TagPolicy", createdPolicyArn),
      ],
    },
    GetPolicy: {
      call: (iam, { policyArn }) => iam.send(new sdk.GetPolicyCommand({ PolicyArn: policyArn })),
      ...onPolicy("GetPolicy"),
    },
    ListPolicies: {
      call: (iam) => iam.send(new sdk.ListPoliciesCommand({})),
      allow: () => only("ListPolicies", "*"),
    },
    DeletePolicy: {
      call: (iam, { barePolicyArn }) => iam.send(new sdk.DeletePolicyCommand({ PolicyArn: barePolicyArn })),
      allow: ({ barePolicyArn }) => only("DeletePolicy", barePolicyArn),
    },
    CreatePolicyVersion: {
      call: (iam, { policyArn }) =>
        iam.send(
          new sdk.CreatePolicyVersionCommand({
            PolicyArn: policyArn,
            PolicyDocument: document,
            SetAsDefault: true,
          }),
        ),
      ...onPolicy("CreatePolicyVersion"),
    },
    GetPolicyVersion: {
      call: (iam, { policyArn }) =>
        iam.send(new sdk.GetPolicyVersionCommand({ PolicyArn: policyArn, VersionId: "v1" })),
      ...onPolicy("GetPolicyVersion"),
    },
    ListPolicyVersions: {
      call: (iam, { policyArn }) => iam.send(new sdk.ListPolicyVersionsCommand({ PolicyArn: policyArn })),
      ...onPolicy("ListPolicyVersions"),
    },
    SetDefaultPolicyVersion: {
      call: (iam, { policyArn }) =>
        iam.send(new sdk.SetDefaultPolicyVersionCommand({ PolicyArn: policyArn, VersionId: "v2" })),
      ...onPolicy("SetDefaultPolicyVersion"),
    },
    DeletePolicyVersion: {
      call: (iam, { policyArn }) =>
        iam.send(new sdk.DeletePolicyVersionCommand({ PolicyArn: policyArn, VersionId: "v2" })),
      ...onPolicy("DeletePolicyVersion"),
    },
    ListEntitiesForPolicy: {
      call: (iam, { policyArn }) => iam.send(new sdk.ListEntitiesForPolicyCommand({ PolicyArn: policyArn })),
      ...onPolicy("ListEntitiesForPolicy"),
    },
    TagPolicy: {
      call: (iam, { policyArn }) =>
        iam.send(new sdk.TagPolicyCommand({ PolicyArn: policyArn, Tags: [{ Key: "a", Value: "b" }] })),
      ...onPolicy("TagPolicy"),
    },
    UntagPolicy: {
      call: (iam, { policyArn }) =>
        iam.send(new sdk.UntagPolicyCommand({ PolicyArn: policyArn, TagKeys: ["a"] })),
      ...onPolicy("UntagPolicy"),
    },
    ListPolicyTags: {
      call: (iam, { policyArn }) => iam.send(new sdk.ListPolicyTagsCommand({ PolicyArn: policyArn })),
      ...onPolicy("ListPolicyTags"),
    },
  },
});
