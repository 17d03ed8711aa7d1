/** STS: who am I, and taking on a role. */
import { AwsError } from "../error.ts";
import type { Role } from "../iam/entities.ts";
import type { PolicyDocument } from "../iam/policy.ts";
import type { IamStore } from "../iam/store.ts";
import { policySize, readPolicy } from "../iam/validate.ts";
import { type QueryInput, queryProtocol, structures } from "../protocol/query.ts";
import { type Call, type Credentials, operation, type ServiceFactory } from "../service.ts";
import type { Credentialing } from "./credentials.ts";

const packedLimit = 2048;

function invalid(message: string): AwsError {
  return new AwsError("ValidationError", message, 400);
}

function duration(input: QueryInput, fallback: number, least: number, most: number): number {
  const seconds = Number(input.DurationSeconds ?? fallback);
  if (!Number.isInteger(seconds) || seconds < least || seconds > most) {
    throw invalid(`The requested DurationSeconds must be between ${least} and ${most} for this call.`);
  }
  return seconds;
}

function shown(credentials: Required<Credentials>) {
  return {
    AccessKeyId: credentials.accessKeyId,
    SecretAccessKey: credentials.secretAccessKey,
    SessionToken: credentials.sessionToken,
    Expiration: credentials.expiration,
  };
}

/** The policies a session is limited to: one given in full, and managed ones by ARN. */
function sessionPolicies(iam: IamStore, input: QueryInput): PolicyDocument[] {
  const documents: PolicyDocument[] = [];
  if (input.Policy) {
    if (policySize(input.Policy) > packedLimit) {
      throw new AwsError("PackedPolicyTooLarge", `A session policy may have ${packedLimit} characters.`, 400);
    }
    documents.push(readPolicy(input.Policy, "identity"));
  }
  for (const { arn = "" } of structures(input, "PolicyArns.member")) {
    const policy = iam.policy(arn);
    const version = policy?.versions.find(({ id }) => id === policy.defaultVersion);
    if (!version) throw invalid(`The session policy ${arn} does not exist.`);
    documents.push(readPolicy(version.document, "identity"));
  }
  return documents;
}

function userId(iam: IamStore, call: Call): string {
  const { principal } = call;
  if (principal.kind !== "role") return call.accountId;
  return `${iam.roleByArn(principal.roleArn)?.id ?? "AROA"}:${principal.sessionName}`;
}

export function createSts(iam: IamStore, credentials: Credentialing): ServiceFactory {
  function findRole(input: QueryInput): Role {
    const role = iam.roleByArn(input.RoleArn ?? "");
    if (role) return role;
    // AWS does not tell a role that is not there from one that may not be assumed.
    throw new AwsError("AccessDenied", `There is no role ${input.RoleArn} that may be assumed.`, 403);
  }

  return () => ({
    name: "sts",
    protocol: queryProtocol({ xmlns: "https://sts.amazonaws.com/doc/2011-06-15/" }),
    operations: {
      GetCallerIdentity: operation<QueryInput, unknown>({
        access: "anyone",
        run(_input, call) {
          const arn = "arn" in call.principal ? call.principal.arn : "";
          return { Arn: arn, UserId: userId(iam, call), Account: call.accountId };
        },
      }),
      AssumeRole: operation<QueryInput, unknown>({
        access(input) {
          const context: Record<string, string> = {};
          if (input.RoleSessionName) context["sts:RoleSessionName"] = input.RoleSessionName;
          if (input.ExternalId) context["sts:ExternalId"] = input.ExternalId;
          return [{ action: "sts:AssumeRole", resource: input.RoleArn || "*", context }];
        },
        run(input) {
          const role = findRole(input);
          const session = input.RoleSessionName ?? "";
          if (!/^[\w+=,.@-]{2,64}$/.test(session)) {
            throw invalid("RoleSessionName must be 2 to 64 letters, digits and _+=,.@-");
          }
          if (input["Tags.member.1.Key"] !== undefined) {
            throw new AwsError("NotImplemented", "Session tags are not part of the local cloud.", 501);
          }
          const issued = credentials.issue({
            roleArn: role.arn,
            sessionName: session,
            durationSeconds: duration(input, 3600, 900, role.maxSessionDuration),
            policies: sessionPolicies(iam, input),
          });
          return {
            Credentials: shown(issued),
            AssumedRoleUser: {
              AssumedRoleId: `${role.id}:${session}`,
              Arn: `arn:aws:sts::${role.arn.split(":")[4]}:assumed-role/${role.name}/${session}`,
            },
          };
        },
      }),
      GetSessionToken: operation<QueryInput, unknown>({
        access: "anyone",
        run(input, call) {
          if (call.principal.kind !== "root") {
            throw new AwsError("AccessDenied", "Cannot call GetSessionToken with session credentials", 403);
          }
          const durationSeconds = duration(input, 3600, 900, 129_600);
          return { Credentials: shown(credentials.issue({ sessionName: "root", durationSeconds })) };
        },
      }),
    },
  });
}
