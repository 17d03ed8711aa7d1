/** Managed policies and their versions. */
import { AwsError } from "../error.ts";
import { members, type QueryInput } from "../protocol/query.ts";
import { type AccessRequest, type Hub, type Operation, operation } from "../service.ts";
import { uniqueId } from "../sts/credentials.ts";
import type { ManagedPolicy, PolicyVersion } from "./entities.ts";
import {
  findPolicy,
  limitExceeded,
  mergeTags,
  nameOf,
  noSuchEntity,
  onPolicy,
  page,
  pathOf,
  required,
  tagsOf,
} from "./requests.ts";
import type { IamStore } from "./store.ts";
import { policySize, readPolicy } from "./validate.ts";

const sizeLimit = 6144;
const versionLimit = 5;

function checkedDocument(input: QueryInput): string {
  const document = required(input, "PolicyDocument");
  readPolicy(document, "identity");
  if (policySize(document) > sizeLimit)
    throw limitExceeded(`Cannot exceed quota for PolicySize: ${sizeLimit}`);
  return document;
}

function shownVersion(policy: ManagedPolicy, version: PolicyVersion, withDocument: boolean) {
  return {
    ...(withDocument && { Document: encodeURIComponent(version.document) }),
    VersionId: version.id,
    IsDefaultVersion: version.id === policy.defaultVersion,
    CreateDate: new Date(version.created),
  };
}

function findVersion(policy: ManagedPolicy, input: QueryInput): PolicyVersion {
  const id = required(input, "VersionId");
  const version = policy.versions.find((candidate) => candidate.id === id);
  if (!version) throw noSuchEntity(`Policy ${policy.arn} version ${id} does not exist or is not attachable.`);
  return version;
}

/** AWS's own policies are there to be used, not changed. */
function ownPolicy(store: IamStore, input: QueryInput): ManagedPolicy {
  const policy = findPolicy(store, input);
  if (policy.arn.startsWith("arn:aws:iam::aws:")) {
    throw new AwsError("AccessDenied", `The AWS-managed policy ${policy.arn} cannot be changed.`, 403);
  }
  return policy;
}

export function policyOperations(store: IamStore, hub: Hub): Record<string, Operation> {
  const holders = (arn: string) => store.roles().filter((role) => role.attached.includes(arn));
  const boundaries = (arn: string) => store.roles().filter((role) => role.boundary === arn);
  const shown = (policy: ManagedPolicy) => ({
    PolicyName: policy.name,
    PolicyId: policy.id,
    Arn: policy.arn,
    Path: policy.path,
    DefaultVersionId: policy.defaultVersion,
    AttachmentCount: holders(policy.arn).length,
    PermissionsBoundaryUsageCount: boundaries(policy.arn).length,
    IsAttachable: true,
    Description: policy.description,
    CreateDate: new Date(policy.created),
    UpdateDate: new Date(policy.updated),
    Tags: policy.tags.length > 0 ? policy.tags : undefined,
  });

  return {
    CreatePolicy: operation<QueryInput, unknown>({
      access(input) {
        const resource = `arn:aws:iam::${hub.accountId}:policy${input.Path ?? "/"}${input.PolicyName ?? ""}`;
        const requests: AccessRequest[] = [{ action: "iam:CreatePolicy", resource }];
        if (input["Tags.member.1.Key"] !== undefined) requests.push({ action: "iam:TagPolicy", resource });
        return requests;
      },
      run(input) {
        const name = nameOf(input, "PolicyName", 128);
        const path = pathOf(input);
        const arn = `arn:aws:iam::${hub.accountId}:policy${path}${name}`;
        if (store.policy(arn)) {
          throw new AwsError(
            "EntityAlreadyExists",
            `A policy called ${name} already exists. Duplicate names are not allowed.`,
            409,
          );
        }
        const now = Date.now();
        const policy: ManagedPolicy = {
          name,
          path,
          id: uniqueId("ANPA", 17),
          arn,
          created: now,
          updated: now,
          description: input.Description,
          defaultVersion: "v1",
          versions: [{ id: "v1", document: checkedDocument(input), created: now }],
          nextVersion: 2,
          tags: mergeTags([], tagsOf(input)),
        };
        store.putPolicy(policy);
        return { Policy: shown(policy) };
      },
    }),
    GetPolicy: operation<QueryInput, unknown>({
      access: onPolicy("GetPolicy"),
      run: (input) => ({ Policy: shown(findPolicy(store, input)) }),
    }),
    ListPolicies: operation<QueryInput, unknown>({
      access: () => [{ action: "iam:ListPolicies", resource: "*" }],
      run(input) {
        const prefix = input.PathPrefix ?? "/";
        const matching = store.policies().filter((policy) => {
          const aws = policy.arn.startsWith("arn:aws:iam::aws:");
          if (input.Scope === "AWS" && !aws) return false;
          if (input.Scope === "Local" && aws) return false;
          if (input.OnlyAttached === "true" && holders(policy.arn).length === 0) return false;
          return policy.path.startsWith(prefix);
        });
        const { items, rest } = page(input, matching);
        return { ...rest, Policies: items.map(shown) };
      },
    }),
    DeletePolicy: operation<QueryInput, unknown>({
      access: onPolicy("DeletePolicy"),
      run(input) {
        const policy = ownPolicy(store, input);
        if (holders(policy.arn).length > 0 || boundaries(policy.arn).length > 0) {
          throw new AwsError("DeleteConflict", "Cannot delete a policy attached to entities.", 409);
        }
        if (policy.versions.length > 1) {
          throw new AwsError(
            "DeleteConflict",
            "This policy has more than one version. Before you delete a policy, you must delete the policy's versions.",
            409,
          );
        }
        store.deletePolicy(policy.arn);
      },
    }),
    CreatePolicyVersion: operation<QueryInput, unknown>({
      access: onPolicy("CreatePolicyVersion"),
      run(input) {
        const policy = ownPolicy(store, input);
        if (policy.versions.length >= versionLimit) {
          throw limitExceeded(
            `A managed policy can have up to ${versionLimit} versions. Before you create a new version, you must delete an existing version.`,
          );
        }
        const version = {
          id: `v${policy.nextVersion}`,
          document: checkedDocument(input),
          created: Date.now(),
        };
        const updated = {
          ...policy,
          updated: version.created,
          versions: [...policy.versions, version],
          nextVersion: policy.nextVersion + 1,
          defaultVersion: input.SetAsDefault === "true" ? version.id : policy.defaultVersion,
        };
        store.putPolicy(updated);
        return { PolicyVersion: shownVersion(updated, version, false) };
      },
    }),
    GetPolicyVersion: operation<QueryInput, unknown>({
      access: onPolicy("GetPolicyVersion"),
      run(input) {
        const policy = findPolicy(store, input);
        return { PolicyVersion: shownVersion(policy, findVersion(policy, input), true) };
      },
    }),
    ListPolicyVersions: operation<QueryInput, unknown>({
      access: onPolicy("ListPolicyVersions"),
      run(input) {
        const policy = findPolicy(store, input);
        const { items, rest } = page(input, [...policy.versions].reverse());
        return { ...rest, Versions: items.map((version) => shownVersion(policy, version, false)) };
      },
    }),
    SetDefaultPolicyVersion: operation<QueryInput, unknown>({
      access: onPolicy("SetDefaultPolicyVersion"),
      run(input) {
        const policy = ownPolicy(store, input);
        store.putPolicy({ ...policy, updated: Date.now(), defaultVersion: findVersion(policy, input).id });
      },
    }),
    DeletePolicyVersion: operation<QueryInput, unknown>({
      access: onPolicy("DeletePolicyVersion"),
      run(input) {
        const policy = ownPolicy(store, input);
        const version = findVersion(policy, input);
        if (version.id === policy.defaultVersion) {
          throw new AwsError("DeleteConflict", "Cannot delete the default version of a policy.", 409);
        }
        store.putPolicy({ ...policy, versions: policy.versions.filter(({ id }) => id !== version.id) });
      },
    }),
    ListEntitiesForPolicy: operation<QueryInput, unknown>({
      access: onPolicy("ListEntitiesForPolicy"),
      run(input) {
        const { items, rest } = page(input, holders(findPolicy(store, input).arn));
        return {
          ...rest,
          PolicyGroups: [],
          PolicyUsers: [],
          PolicyRoles: items.map((role) => ({ RoleName: role.name, RoleId: role.id })),
        };
      },
    }),
    TagPolicy: operation<QueryInput, unknown>({
      access: onPolicy("TagPolicy"),
      run(input) {
        const policy = ownPolicy(store, input);
        store.putPolicy({ ...policy, tags: mergeTags(policy.tags, tagsOf(input)) });
      },
    }),
    UntagPolicy: operation<QueryInput, unknown>({
      access: onPolicy("UntagPolicy"),
      run(input) {
        const policy = ownPolicy(store, input);
        const gone = new Set(members(input, "TagKeys.member"));
        store.putPolicy({ ...policy, tags: policy.tags.filter(({ Key }) => !gone.has(Key)) });
      },
    }),
    ListPolicyTags: operation<QueryInput, unknown>({
      access: onPolicy("ListPolicyTags"),
      run(input) {
        const { items, rest } = page(input, findPolicy(store, input).tags);
        return { ...rest, Tags: items };
      },
    }),
  };
}
