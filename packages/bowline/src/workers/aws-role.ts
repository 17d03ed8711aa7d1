/** The binding by which a Worker on this machine says which role's credentials it is to have. */
export const AWS_ROLE_BINDING = "BOWLINE_AWS_ROLE";

/** Credentials of a role on the local cloud, as variables. */
export type RoleEnvironment = (roleArn: string) => Readonly<Record<string, string>>;

/** What a session of a role is to a Worker. */
export function roleEnvironment(cloud: {
  readonly endpoint: string;
  readonly region: string;
  assumeRole(
    roleArn: string,
    sessionName?: string,
  ): { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string };
}): RoleEnvironment {
  return (roleArn) => {
    const { accessKeyId, secretAccessKey, sessionToken } = cloud.assumeRole(roleArn, "worker");
    return {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      ...(sessionToken === undefined ? {} : { AWS_SESSION_TOKEN: sessionToken }),
      AWS_REGION: cloud.region,
      AWS_ENDPOINT_URL: cloud.endpoint,
    };
  };
}

/** Credentials as a Worker keeps them while only its code changes. */
export interface KeptRoles {
  readonly environment: RoleEnvironment;
  /** From now on they are new ones. */
  forget(): void;
}

/** Well before a session ends. */
const LONGEST = 3_600_000;

export function keptRoles(environment: RoleEnvironment): KeptRoles {
  const kept = new Map<string, { readonly since: number; readonly variables: ReturnType<RoleEnvironment> }>();
  return {
    environment(roleArn) {
      const found = kept.get(roleArn);
      if (found && Date.now() - found.since < LONGEST) return found.variables;
      const variables = environment(roleArn);
      kept.set(roleArn, { since: Date.now(), variables });
      return variables;
    },
    forget: () => kept.clear(),
  };
}
