/** A function as a principal. */
import type { Principal } from "../service.ts";
import type { FunctionVersion } from "./model.ts";

/** A function's role, as the session its own code runs under. */
export function rolePrincipal(target: FunctionVersion, accountId: string): Principal {
  const roleName = target.role.split("/").at(-1) ?? "";
  return {
    kind: "role",
    arn: `arn:aws:sts::${accountId}:assumed-role/${roleName}/${target.name}`,
    roleArn: target.role,
    sessionName: target.name,
    accountId,
  };
}
