/** IAM: roles and managed policies, over the Query protocol. */
import { queryProtocol } from "../protocol/query.ts";
import type { Hub, ServiceFactory } from "../service.ts";
import { policyOperations } from "./policies.ts";
import { rolePolicyOperations } from "./role-policies.ts";
import { roleOperations } from "./roles.ts";
import type { IamStore } from "./store.ts";

export function createIam(store: IamStore): ServiceFactory {
  return (hub: Hub) => ({
    name: "iam",
    protocol: queryProtocol({ xmlns: "https://iam.amazonaws.com/doc/2010-05-08/" }),
    operations: {
      ...roleOperations(store, hub),
      ...rolePolicyOperations(store, hub),
      ...policyOperations(store, hub),
    },
    // What a role's own policy, its trust policy, says of who may assume it.
    resourcePolicy(arn) {
      const role = store.roleByArn(arn);
      return role && store.trustOf(role).document;
    },
  });
}
