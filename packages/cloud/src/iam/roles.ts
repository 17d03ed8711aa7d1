/** Roles: their life, trust policies, tags and boundaries. */
import { AwsError } from "../error.ts";
import { members, type QueryInput } from "../protocol/query.ts";
import { type AccessRequest, type Hub, type Operation, operation } from "../service.ts";
import { uniqueId } from "../sts/credentials.ts";
import type { Role } from "./entities.ts";
import {
  findPolicy,
  findRole,
  invalid,
  limitExceeded,
  mergeTags,
  nameOf,
  onRole,
  page,
  pathOf,
  required,
  tagsOf,
} from "./requests.ts";
import type { IamStore } from "./store.ts";
import { policySize, readPolicy } from "./validate.ts";

const trustLimit = 2048;

function checkedTrust(document: string): string {
  readPolicy(document, "trust");
  if (policySize(document) > trustLimit)
    throw limitExceeded(`Cannot exceed quota for ACLSizePerRole: ${trustLimit}`);
  return document;
}

function sessionDuration(input: QueryInput): number {
  const seconds = Number(input.MaxSessionDuration ?? "3600");
  if (!Number.isInteger(seconds) || seconds < 3600 || seconds > 43_200) {
    throw invalid("MaxSessionDuration must be between 3600 and 43200 seconds.");
  }
  return seconds;
}

/** A role as answers show it. */
function shown(role: Role, detail: boolean) {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: role.arn,
    CreateDate: new Date(role.created),
    AssumeRolePolicyDocument: encodeURIComponent(role.trust),
    Description: role.description,
    MaxSessionDuration: role.maxSessionDuration,
    ...(detail && {
      PermissionsBoundary: role.boundary && {
        PermissionsBoundaryType: "Policy",
        PermissionsBoundaryArn: role.boundary,
      },
      Tags: role.tags.length > 0 ? role.tags : undefined,
      RoleLastUsed: {},
    }),
  };
}

export function roleOperations(store: IamStore, hub: Hub): Record<string, Operation> {
  return {
    CreateRole: operation<QueryInput, unknown>({
      access(input) {
        const resource = `arn:aws:iam::${hub.accountId}:role${input.Path ?? "/"}${input.RoleName ?? ""}`;
        const context: Record<string, string> = {};
        if (input.PermissionsBoundary) context["iam:PermissionsBoundary"] = input.PermissionsBoundary;
        const requests: AccessRequest[] = [{ action: "iam:CreateRole", resource, context }];
        if (input["Tags.member.1.Key"] !== undefined) requests.push({ action: "iam:TagRole", resource });
        return requests;
      },
      run(input) {
        const name = nameOf(input, "RoleName", 64);
        if (store.role(name))
          throw new AwsError("EntityAlreadyExists", `Role with name ${name} already exists.`, 409);
        const path = pathOf(input);
        const role: Role = {
          name,
          path,
          id: uniqueId("AROA", 17),
          arn: `arn:aws:iam::${hub.accountId}:role${path}${name}`,
          created: Date.now(),
          trust: checkedTrust(required(input, "AssumeRolePolicyDocument")),
          description: input.Description,
          maxSessionDuration: sessionDuration(input),
          boundary: input.PermissionsBoundary
            ? findPolicy(store, input, "PermissionsBoundary").arn
            : undefined,
          tags: mergeTags([], tagsOf(input)),
          inline: {},
          attached: [],
        };
        store.putRole(role);
        return { Role: shown(role, true) };
      },
    }),
    GetRole: operation<QueryInput, unknown>({
      access: onRole(store, hub, "GetRole"),
      run: (input) => ({ Role: shown(findRole(store, input), true) }),
    }),
    ListRoles: operation<QueryInput, unknown>({
      access: () => [{ action: "iam:ListRoles", resource: "*" }],
      run(input) {
        const prefix = input.PathPrefix ?? "/";
        const { items, rest } = page(
          input,
          store.roles().filter((role) => role.path.startsWith(prefix)),
        );
        return { ...rest, Roles: items.map((role) => shown(role, false)) };
      },
    }),
    UpdateRole: operation<QueryInput, unknown>({
      access: onRole(store, hub, "UpdateRole"),
      run(input) {
        const role = findRole(store, input);
        store.putRole({
          ...role,
          description: input.Description ?? role.description,
          maxSessionDuration: input.MaxSessionDuration ? sessionDuration(input) : role.maxSessionDuration,
        });
        return {};
      },
    }),
    UpdateRoleDescription: operation<QueryInput, unknown>({
      access: onRole(store, hub, "UpdateRoleDescription"),
      run(input) {
        const role = { ...findRole(store, input), description: input.Description ?? "" };
        store.putRole(role);
        return { Role: shown(role, true) };
      },
    }),
    DeleteRole: operation<QueryInput, unknown>({
      access: onRole(store, hub, "DeleteRole"),
      run(input) {
        const role = findRole(store, input);
        if (role.attached.length > 0) {
          throw new AwsError("DeleteConflict", "Cannot delete entity, must detach all policies first.", 409);
        }
        if (Object.keys(role.inline).length > 0) {
          throw new AwsError("DeleteConflict", "Cannot delete entity, must delete policies first.", 409);
        }
        store.deleteRole(role.name);
      },
    }),
    UpdateAssumeRolePolicy: operation<QueryInput, unknown>({
      access: onRole(store, hub, "UpdateAssumeRolePolicy"),
      run(input) {
        const role = findRole(store, input);
        store.putRole({ ...role, trust: checkedTrust(required(input, "PolicyDocument")) });
      },
    }),
    TagRole: operation<QueryInput, unknown>({
      access: onRole(store, hub, "TagRole"),
      run(input) {
        const role = findRole(store, input);
        store.putRole({ ...role, tags: mergeTags(role.tags, tagsOf(input)) });
      },
    }),
    UntagRole: operation<QueryInput, unknown>({
      access: onRole(store, hub, "UntagRole"),
      run(input) {
        const role = findRole(store, input);
        const gone = new Set(members(input, "TagKeys.member"));
        store.putRole({ ...role, tags: role.tags.filter(({ Key }) => !gone.has(Key)) });
      },
    }),
    ListRoleTags: operation<QueryInput, unknown>({
      access: onRole(store, hub, "ListRoleTags"),
      run(input) {
        const { items, rest } = page(input, findRole(store, input).tags);
        return { ...rest, Tags: items };
      },
    }),
    PutRolePermissionsBoundary: operation<QueryInput, unknown>({
      access: onRole(store, hub, "PutRolePermissionsBoundary"),
      run(input) {
        const role = findRole(store, input);
        store.putRole({ ...role, boundary: findPolicy(store, input, "PermissionsBoundary").arn });
      },
    }),
    DeleteRolePermissionsBoundary: operation<QueryInput, unknown>({
      access: onRole(store, hub, "DeleteRolePermissionsBoundary"),
      run(input) {
        store.putRole({ ...findRole(store, input), boundary: undefined });
      },
    }),
    ListInstanceProfilesForRole: operation<QueryInput, unknown>({
      access: onRole(store, hub, "ListInstanceProfilesForRole"),
      run(input) {
        findRole(store, input);
        return { IsTruncated: false, InstanceProfiles: [] };
      },
    }),
  };
}
