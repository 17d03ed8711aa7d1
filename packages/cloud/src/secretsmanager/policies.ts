/** The policies of secrets. */
import { AwsError } from "../error.ts";
import type { PolicyStatement } from "../iam/policy.ts";
import { policySize, readPolicy } from "../iam/validate.ts";
import type { Input } from "../protocol/json-input.ts";
import { type Operation, operation } from "../service.ts";
import { text } from "./input.ts";
import { onSecret, type Room } from "./room.ts";

const sizeLimit = 20_480;

/** What is wrong with a policy, if anything is. */
function objection(policy: string): string | undefined {
  if (policySize(policy) > sizeLimit) return `A policy of a secret has at most ${sizeLimit} bytes.`;
  try {
    readPolicy(policy, "resource");
    return undefined;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return error.message;
  }
}

/** Whether a policy allows anybody, without a condition. */
function isPublic(policy: string): boolean {
  const { Statement } = readPolicy(policy, "resource");
  return ([Statement].flat() as readonly PolicyStatement[]).some(({ Effect, Principal, Condition }) => {
    const named = typeof Principal === "object" ? [Principal.AWS ?? []].flat() : [Principal];
    return Effect === "Allow" && Condition === undefined && named.includes("*");
  });
}

export function policyOperations(room: Room): Record<string, Operation> {
  const { store } = room;
  return {
    GetResourcePolicy: operation<Input, unknown>({
      access: onSecret(room, "GetResourcePolicy"),
      run(input) {
        const { arn, name, policy } = room.living(input);
        return { ARN: arn, Name: name, ResourcePolicy: policy };
      },
    }),
    PutResourcePolicy: operation<Input, unknown>({
      access: onSecret(room, "PutResourcePolicy", (input) => ({
        "secretsmanager:BlockPublicPolicy": String(input.BlockPublicPolicy === true),
      })),
      run(input) {
        const secret = room.living(input);
        const policy = text(input, "ResourcePolicy");
        const wrong = objection(policy);
        if (wrong !== undefined) throw new AwsError("MalformedPolicyDocumentException", wrong);
        if (input.BlockPublicPolicy === true && isPublic(policy)) {
          throw new AwsError(
            "PublicPolicyException",
            "The BlockPublicPolicy parameter is set to true, and the resource policy grants access to everybody.",
          );
        }
        store.put({ ...secret, policy });
        return { ARN: secret.arn, Name: secret.name };
      },
    }),
    DeleteResourcePolicy: operation<Input, unknown>({
      access: onSecret(room, "DeleteResourcePolicy"),
      run(input) {
        const secret = room.living(input);
        store.put({ ...secret, policy: undefined });
        return { ARN: secret.arn, Name: secret.name };
      },
    }),
    ValidateResourcePolicy: operation<Input, unknown>({
      access: onSecret(room, "ValidateResourcePolicy"),
      run(input) {
        if (input.SecretId !== undefined) room.living(input);
        const wrong = objection(text(input, "ResourcePolicy"));
        return {
          PolicyValidationPassed: wrong === undefined,
          ValidationErrors: wrong === undefined ? [] : [{ CheckName: "SyntaxCheck", ErrorMessage: wrong }],
        };
      },
    }),
  };
}
