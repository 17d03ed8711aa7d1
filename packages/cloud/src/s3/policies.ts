/** Bucket policies: kept as sent, given to IAM, and held back where they would make a bucket public that must not be. */
import { AwsError } from "../error.ts";
import type { PolicyDocument, PolicyStatement } from "../iam/policy.ts";
import { childOf, parseXml, textOf } from "../protocol/rest-xml.ts";
import type { Operation } from "../service.ts";
import { bucketAccess } from "./access.ts";
import type { Bucket } from "./bucket-store.ts";
import type { S3Context } from "./context.ts";
import { accessDenied } from "./errors.ts";
import { readDocument, s3Operation } from "./input.ts";
import { document, noContent } from "./protocol.ts";

const malformedPolicy = (message: string) => new AwsError("MalformedPolicy", message);

const maxPolicyBytes = 20 * 1024;

const listOf = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value as T];

function parsePolicy(text: string, bucket: string): PolicyDocument {
  if (Buffer.byteLength(text) > maxPolicyBytes) {
    throw malformedPolicy(`Policies must not be larger than ${maxPolicyBytes} bytes`);
  }
  let policy: unknown;
  try {
    policy = JSON.parse(text);
  } catch {
    throw malformedPolicy("Policies must be valid JSON and the first byte must be '{'");
  }
  if (typeof policy !== "object" || policy === null || Array.isArray(policy)) {
    throw malformedPolicy("Policies must be valid JSON and the first byte must be '{'");
  }
  const { Version, Statement } = policy as Partial<PolicyDocument>;
  if (Version !== undefined && Version !== "2012-10-17" && Version !== "2008-10-17") {
    throw malformedPolicy("The policy must contain a valid version string");
  }
  if (Statement === undefined) throw malformedPolicy("Missing required field Statement");
  for (const statement of listOf(Statement)) checkStatement(statement, bucket);
  return policy as PolicyDocument;
}

function checkStatement(statement: unknown, bucket: string): void {
  if (typeof statement !== "object" || statement === null) throw malformedPolicy("Invalid policy syntax.");
  const { Effect, Action, NotAction, Resource, NotResource, Principal, NotPrincipal } =
    statement as Partial<PolicyStatement>;
  if (Effect !== "Allow" && Effect !== "Deny") throw malformedPolicy("Missing required field Effect");
  if (Principal === undefined && NotPrincipal === undefined) {
    throw malformedPolicy("Missing required field Principal");
  }
  if (Action === undefined && NotAction === undefined) throw malformedPolicy("Missing required field Action");
  for (const action of [...listOf(Action), ...listOf(NotAction)]) {
    if (typeof action !== "string" || (action !== "*" && !/^s3(-[a-z-]+)?:/i.test(action))) {
      throw malformedPolicy("Policy has invalid action");
    }
  }
  const resources = [...listOf(Resource), ...listOf(NotResource)];
  if (resources.length === 0) throw malformedPolicy("Missing required field Resource");
  for (const resource of resources) {
    if (typeof resource !== "string" || !namesBucket(resource, bucket)) {
      throw malformedPolicy("Policy has invalid resource");
    }
  }
}

/** Whether a resource, wildcards and variables included, can be in a bucket. */
function namesBucket(resource: string, bucket: string): boolean {
  if (resource === "*") return true;
  const name = /^arn:(?:aws|\*):s3:::([^/]+)/.exec(resource)?.[1];
  if (name === undefined) return false;
  const pattern = name
    .split(/(\$\{[^}]*\}|[*?])/)
    .map((part, index) =>
      index % 2 === 0 ? part.replace(/[.+^$(){}|[\]\\]/g, "\\$&") : part === "?" ? "." : ".*",
    )
    .join("");
  return new RegExp(`^${pattern}$`).test(bucket);
}

/** Conditions that narrow a statement for everyone to someone. */
const narrowing =
  /^(aws:sourcearn|aws:sourcevpc|aws:sourcevpce|aws:sourceaccount|aws:sourceip|aws:sourceowner|aws:userid|aws:principal(orgid|orgpaths|arn|account)|s3:dataaccesspoint(arn|account)|s3:x-amz-server-side-encryption-aws-kms-key-id)$/;

/** Whether a policy lets anybody in, as S3 sees it. */
export function isPublicPolicy(policy: PolicyDocument): boolean {
  return listOf(policy.Statement).some((statement) => {
    if (statement.Effect !== "Allow") return false;
    if (statement.NotPrincipal !== undefined) return true;
    const { Principal } = statement;
    const everyone =
      Principal === "*" ||
      (typeof Principal === "object" && Principal !== null && listOf(Principal.AWS).includes("*"));
    if (!everyone) return false;
    const keys = Object.values(statement.Condition ?? {}).flatMap((block) => Object.entries(block));
    return !keys.some(
      ([key, values]) =>
        narrowing.test(key.toLowerCase()) &&
        listOf(values).every((value) => !/^\*$|\/0$/.test(String(value))),
    );
  });
}

interface Understood {
  readonly text: string;
  readonly block: string | undefined;
  readonly effective: PolicyDocument;
}

/** A public policy in a bucket that restricts public buckets still serves the account and AWS's services. */
function restricted(policy: PolicyDocument): PolicyDocument {
  const denyStrangers: PolicyStatement = {
    Sid: "RestrictPublicBuckets",
    Effect: "Deny",
    Principal: "*",
    Action: "s3:*",
    Resource: "*",
    Condition: { StringEquals: { "aws:PrincipalType": "Anonymous" } },
  };
  return { ...policy, Statement: [...listOf(policy.Statement), denyStrangers] };
}

export interface BucketPolicies {
  /** The policy that decides about a resource; the same object as long as nothing changes. */
  of(resourceArn: string): PolicyDocument | undefined;
}

export function openBucketPolicies({ buckets }: Pick<S3Context, "buckets">): BucketPolicies {
  const understood = new WeakMap<Bucket, Understood>();
  return {
    of(resourceArn) {
      const [name = ""] = resourceArn.slice("arn:aws:s3:::".length).split("/", 1);
      const bucket = buckets.find(name);
      const text = bucket?.settings.get("policy");
      if (bucket === undefined || text === undefined) return undefined;
      const block = bucket.settings.get("publicAccessBlock");
      const known = understood.get(bucket);
      if (known !== undefined && known.text === text && known.block === block) return known.effective;
      const policy = JSON.parse(text) as PolicyDocument;
      const restrict = publicAccessFlag(bucket, "RestrictPublicBuckets") && isPublicPolicy(policy);
      const effective = restrict ? restricted(policy) : policy;
      understood.set(bucket, { text, block, effective });
      return effective;
    },
  };
}

function publicAccessFlag(bucket: Bucket, flag: string): boolean {
  const text = bucket.settings.get("publicAccessBlock");
  if (text === undefined) return false;
  return textOf(childOf(parseXml(text), "PublicAccessBlockConfiguration"), flag) === "true";
}

export function policyOperations({ buckets }: S3Context): Record<string, Operation> {
  const kept = (name: string): string => {
    const text = buckets.need(name).settings.get("policy");
    if (text !== undefined) return text;
    throw new AwsError("NoSuchBucketPolicy", "The bucket policy does not exist", 404, { BucketName: name });
  };
  return {
    GetBucketPolicy: s3Operation({
      access: bucketAccess("s3:GetBucketPolicy"),
      run: ({ bucket }) => ({
        status: 200,
        headers: { "content-type": "application/json" },
        body: kept(bucket),
      }),
    }),
    PutBucketPolicy: s3Operation({
      access: bucketAccess("s3:PutBucketPolicy"),
      async run(input) {
        const bucket = buckets.need(input.bucket);
        const text = await readDocument(input);
        const policy = parsePolicy(text, bucket.name);
        if (isPublicPolicy(policy) && publicAccessFlag(bucket, "BlockPublicPolicy")) {
          throw accessDenied(
            `Access Denied: the policy would make ${bucket.name} public, and its public access block prevents public policies (BlockPublicPolicy).`,
          );
        }
        buckets.setSetting(bucket, "policy", text);
        return noContent;
      },
    }),
    DeleteBucketPolicy: s3Operation({
      access: bucketAccess("s3:DeleteBucketPolicy"),
      run({ bucket }) {
        buckets.setSetting(buckets.need(bucket), "policy", undefined);
        return noContent;
      },
    }),
    GetBucketPolicyStatus: s3Operation({
      access: bucketAccess("s3:GetBucketPolicyStatus"),
      run: ({ bucket }) =>
        document("PolicyStatus", { IsPublic: isPublicPolicy(JSON.parse(kept(bucket)) as PolicyDocument) }),
    }),
  };
}
