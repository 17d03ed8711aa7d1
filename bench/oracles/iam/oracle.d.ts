/** As much of the oracle as `compare.ts` uses, so that the workspace type-checks where it is not installed. */
declare module "@cloud-copilot/iam-simulate" {
  export const anonymousPrincipal: { type: "Anonymous" };
  interface NamedPolicy {
    name: string;
    policy: unknown;
  }
  export interface Simulation {
    request: {
      principal: string | typeof anonymousPrincipal;
      action: string;
      resource: { resource: string; accountId: string };
      contextVariables: Record<string, string | string[]>;
    };
    sessionPolicy?: unknown;
    identityPolicies: NamedPolicy[];
    serviceControlPolicies: never[];
    resourceControlPolicies: never[];
    resourcePolicy?: unknown;
    permissionBoundaryPolicies?: NamedPolicy[];
  }
  type Answer =
    | { resultType: "error"; errors: unknown }
    | { resultType: "single" | "wildcard"; overallResult: string };
  export function runSimulation(simulation: Simulation, options: object): Promise<Answer>;
}
