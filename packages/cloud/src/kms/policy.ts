/** Who may use a key: its policy, and its grants said as statements of one. */
import { createHash } from "node:crypto";
import { AwsError } from "../error.ts";
import type { PolicyDocument, PolicyStatement } from "../iam/policy.ts";
import { policySize, readPolicy } from "../iam/validate.ts";
import type { EncryptionContext, Grant } from "./model.ts";

const sizeLimit = 32_768;

/** What a key made without a policy has: the account's own policies decide. */
export function defaultPolicy(accountId: string): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Id: "key-default-1",
    Statement: [
      {
        Sid: "Enable IAM User Permissions",
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${accountId}:root` },
        Action: "kms:*",
        Resource: "*",
      },
    ],
  });
}

/** The policy of a service's own key: everybody in the account may use it, through the service only. */
export function managedPolicy(service: string, region: string, accountId: string): string {
  const through = {
    StringEquals: {
      "kms:CallerAccount": accountId,
      "kms:ViaService": `${service}.${region}.amazonaws.com`,
    },
  };
  return JSON.stringify({
    Version: "2012-10-17",
    Id: `auto-${service}-1`,
    Statement: [
      {
        Sid: `Allow access through ${service} for all principals in the account that are authorized to use it`,
        Effect: "Allow",
        Principal: { AWS: ["*"] },
        Action: [
          "kms:Encrypt",
          "kms:Decrypt",
          "kms:ReEncrypt*",
          "kms:GenerateDataKey*",
          "kms:CreateGrant",
          "kms:DescribeKey",
        ],
        Resource: "*",
        Condition: through,
      },
      {
        Sid: "Allow direct access to key metadata to the account",
        Effect: "Allow",
        Principal: { AWS: [`arn:aws:iam::${accountId}:root`] },
        Action: ["kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant"],
        Resource: "*",
      },
    ],
  });
}

export function readKeyPolicy(text: string): PolicyDocument {
  if (policySize(text) > sizeLimit) {
    throw new AwsError("LimitExceededException", `A key policy has at most ${sizeLimit} bytes.`);
  }
  try {
    return readPolicy(text, "resource");
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new AwsError("MalformedPolicyDocumentException", error.message);
  }
}

/** One text for a context, however its members are ordered. */
export function canonicalContext(context: EncryptionContext): string {
  return JSON.stringify(Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const digest = (text: string) => createHash("sha256").update(text).digest("hex");
// Condition keys have no case, members of a context do: what grants compare is the digest of a member.
const memberKey = (name: string, value: string) =>
  `kms:EncryptionContextMember/${digest(JSON.stringify([name, value]))}`;
const wholeKey = "kms:EncryptionContextDigest";

/** What a request's encryption context adds to the facts that policies and grants are compared with. */
export function contextFacts(context: EncryptionContext): Record<string, string | readonly string[]> {
  const facts: Record<string, string | readonly string[]> = { [wholeKey]: digest(canonicalContext(context)) };
  const names = Object.keys(context);
  if (names.length > 0) facts["kms:EncryptionContextKeys"] = names;
  for (const [name, value] of Object.entries(context)) {
    facts[`kms:EncryptionContext:${name}`] = value;
    facts[memberKey(name, value)] = "true";
  }
  return facts;
}

/** What a grant may speak of, and the permissions each takes. */
export const grantOperations: Readonly<Record<string, readonly string[]>> = {
  Encrypt: ["kms:Encrypt"],
  Decrypt: ["kms:Decrypt"],
  GenerateDataKey: ["kms:GenerateDataKey"],
  GenerateDataKeyWithoutPlaintext: ["kms:GenerateDataKeyWithoutPlaintext"],
  GenerateDataKeyPair: ["kms:GenerateDataKeyPair"],
  GenerateDataKeyPairWithoutPlaintext: ["kms:GenerateDataKeyPairWithoutPlaintext"],
  ReEncryptFrom: ["kms:ReEncryptFrom"],
  ReEncryptTo: ["kms:ReEncryptTo"],
  Sign: ["kms:Sign"],
  Verify: ["kms:Verify"],
  GetPublicKey: ["kms:GetPublicKey"],
  GenerateMac: ["kms:GenerateMac"],
  VerifyMac: ["kms:VerifyMac"],
  DeriveSharedSecret: ["kms:DeriveSharedSecret"],
  DescribeKey: ["kms:DescribeKey"],
  CreateGrant: ["kms:CreateGrant"],
  RetireGrant: ["kms:RetireGrant"],
};

const withContext = /^(Encrypt|Decrypt|GenerateDataKey|ReEncrypt)/;

/** The statements a grant amounts to. */
export function grantStatements(grant: Grant): readonly PolicyStatement[] {
  const { id, operations, subset, equals } = grant;
  const allow = (
    principal: string,
    names: readonly string[],
    Condition?: PolicyStatement["Condition"],
  ): readonly PolicyStatement[] => {
    const Action = names.flatMap((name) => grantOperations[name] ?? []);
    if (Action.length === 0) return [];
    return [
      {
        Sid: `grant ${id}`,
        Effect: "Allow",
        Principal: { AWS: principal },
        Action,
        Resource: "*",
        Condition,
      },
    ];
  };
  const bound: Record<string, string> = {};
  for (const [name, value] of Object.entries(subset ?? {})) bound[memberKey(name, value)] = "true";
  if (equals) bound[wholeKey] = digest(canonicalContext(equals));
  const constrained = Object.keys(bound).length > 0;
  const plain = operations.filter((name) => name !== "CreateGrant" && name !== "RetireGrant");
  const needsContext = (name: string) => constrained && withContext.test(name);
  const itself = { StringEquals: { "kms:GrantId": id } };
  return [
    ...allow(
      grant.grantee,
      plain.filter((name) => !needsContext(name)),
    ),
    ...allow(grant.grantee, plain.filter(needsContext), { StringEquals: bound }),
    // Whoever passes a grant on passes on no more than was granted.
    ...allow(
      grant.grantee,
      operations.filter((name) => name === "CreateGrant"),
      { "ForAllValues:StringEquals": { "kms:GrantOperations": operations } },
    ),
    ...allow(
      grant.grantee,
      operations.filter((name) => name === "RetireGrant"),
      itself,
    ),
    ...(grant.retiring === undefined ? [] : allow(grant.retiring, ["RetireGrant"], itself)),
  ];
}
