/** What a role may do: its inline policies and the managed ones attached to it. */
import type { QueryInput } from "../protocol/query.ts";
import { type Hub, type Operation, operation } from "../service.ts";
import {
  findPolicy,
  findRole,
  limitExceeded,
  nameOf,
  noSuchEntity,
  onRole,
  page,
  required,
} from "./requests.ts";
import type { IamStore } from "./store.ts";
import { policySize, readPolicy } from "./validate.ts";

const inlineLimit = 10_240;
const attachmentLimit = 10;

export function rolePolicyOperations(store: IamStore, hub: Hub): Record<string, Operation> {
  return {
    PutRolePolicy: operation<QueryInput, unknown>({
      access: onRole(store, hub, "PutRolePolicy"),
      run(input) {
        const role = findRole(store, input);
        const name = nameOf(input, "PolicyName", 128);
        const document = required(input, "PolicyDocument");
        readPolicy(document, "identity");
        const inline = { ...role.inline, [name]: document };
        const size = Object.values(inline).reduce((sum, text) => sum + policySize(text), 0);
        if (size > inlineLimit) {
          throw limitExceeded(`Maximum policy size of ${inlineLimit} bytes exceeded for role ${role.name}`);
        }
        store.putRole({ ...role, inline });
      },
    }),
    GetRolePolicy: operation<QueryInput, unknown>({
      access: onRole(store, hub, "GetRolePolicy"),
      run(input) {
        const role = findRole(store, input);
        const name = required(input, "PolicyName");
        const document = Object.hasOwn(role.inline, name) ? role.inline[name] : undefined;
        if (document === undefined) throw noSuchEntity(`The role policy with name ${name} cannot be found.`);
        return { RoleName: role.name, PolicyName: name, PolicyDocument: encodeURIComponent(document) };
      },
    }),
    DeleteRolePolicy: operation<QueryInput, unknown>({
      access: onRole(store, hub, "DeleteRolePolicy"),
      run(input) {
        const role = findRole(store, input);
        const name = required(input, "PolicyName");
        if (!Object.hasOwn(role.inline, name)) {
          throw noSuchEntity(`The role policy with name ${name} cannot be found.`);
        }
        const { [name]: _gone, ...inline } = role.inline;
        store.putRole({ ...role, inline });
      },
    }),
    ListRolePolicies: operation<QueryInput, unknown>({
      access: onRole(store, hub, "ListRolePolicies"),
      run(input) {
        const { items, rest } = page(input, Object.keys(findRole(store, input).inline).sort());
        return { ...rest, PolicyNames: items };
      },
    }),
    AttachRolePolicy: operation<QueryInput, unknown>({
      access: onRole(store, hub, "AttachRolePolicy"),
      run(input) {
        const role = findRole(store, input);
        const { arn } = findPolicy(store, input);
        if (role.attached.includes(arn)) return;
        if (role.attached.length >= attachmentLimit) {
          throw limitExceeded(`Cannot exceed quota for PoliciesPerRole: ${attachmentLimit}`);
        }
        store.putRole({ ...role, attached: [...role.attached, arn] });
      },
    }),
    DetachRolePolicy: operation<QueryInput, unknown>({
      access: onRole(store, hub, "DetachRolePolicy"),
      run(input) {
        const role = findRole(store, input);
        const arn = required(input, "PolicyArn");
        if (!role.attached.includes(arn)) throw noSuchEntity(`Policy ${arn} was not found.`);
        store.putRole({ ...role, attached: role.attached.filter((other) => other !== arn) });
      },
    }),
    ListAttachedRolePolicies: operation<QueryInput, unknown>({
      access: onRole(store, hub, "ListAttachedRolePolicies"),
      run(input) {
        const { items, rest } = page(input, findRole(store, input).attached);
        return {
          ...rest,
          AttachedPolicies: items.map((arn) => ({
            PolicyName: arn.slice(arn.lastIndexOf("/") + 1),
            PolicyArn: arn,
          })),
        };
      },
    }),
  };
}
