/** The policy of a POST form: who signed it, until when it holds, what the form may say. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { AwsError } from "../error.ts";
import type { Hub, Principal } from "../service.ts";
import { accessDenied, entityTooLarge } from "./errors.ts";

type Fields = ReadonlyMap<string, string>;

export interface PostPolicy {
  readonly principal: Principal;
  /** The file's size must be within. */
  readonly least: number;
  readonly most: number;
}

const invalidPolicy = (message: string) =>
  new AwsError("InvalidPolicyDocument", `Invalid Policy: ${message}`);

const violated = (message: string) => accessDenied(`Invalid according to Policy: ${message}`);

/** A form without a policy is a request of nobody in particular. */
export function checkPostPolicy(
  hub: Pick<Hub, "accessKey">,
  bucket: string,
  fields: Fields,
  now: number,
): PostPolicy {
  const policy = fields.get("policy");
  if (policy === undefined) {
    return { principal: { kind: "anonymous" }, least: 0, most: Number.POSITIVE_INFINITY };
  }
  const principal = checkSignature(hub, policy, fields);
  return { principal, ...checkConditions(policy, bucket, fields, now) };
}

function checkSignature(hub: Pick<Hub, "accessKey">, policy: string, fields: Fields): Principal {
  const need = (name: string) => {
    const value = fields.get(name);
    if (value !== undefined) return value;
    throw new AwsError("InvalidArgument", `Bucket POST must contain a field named '${name}'.`, 400, {
      ArgumentName: name,
      ArgumentValue: "",
    });
  };
  if (need("x-amz-algorithm") !== "AWS4-HMAC-SHA256") {
    throw new AwsError("InvalidArgument", "X-Amz-Algorithm only supports AWS4-HMAC-SHA256");
  }
  const [accessKeyId = "", date = "", region = "", service = "", end] = need("x-amz-credential").split("/");
  if (service !== "s3" || end !== "aws4_request") {
    throw new AwsError(
      "AuthorizationQueryParametersError",
      "Error parsing the X-Amz-Credential parameter; it must be AccessKeyId/date/region/s3/aws4_request.",
    );
  }
  const owner = hub.accessKey(accessKeyId, fields.get("x-amz-security-token"));
  if (owner === undefined) {
    throw new AwsError(
      "InvalidAccessKeyId",
      "The AWS Access Key Id you provided does not exist in our records, or its session token does not go with it.",
      403,
      { AWSAccessKeyId: accessKeyId },
    );
  }
  const key = [date, region, service, "aws4_request"].reduce<Buffer>(
    (previous, part) => createHmac("sha256", previous).update(part).digest(),
    Buffer.from(`AWS4${owner.secretAccessKey}`),
  );
  const expected = createHmac("sha256", key).update(policy).digest();
  const given = Buffer.from(need("x-amz-signature"), "hex");
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new AwsError(
      "SignatureDoesNotMatch",
      "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
      403,
    );
  }
  return owner.principal;
}

/** Fields that no condition has to allow. */
const free = /^(x-amz-signature|file|policy|awsaccesskeyid|signature|x-ignore-.*|:file-type)$/;

function checkConditions(
  encoded: string,
  bucket: string,
  fields: Fields,
  now: number,
): { least: number; most: number } {
  let policy: unknown;
  try {
    policy = JSON.parse(Buffer.from(encoded, "base64").toString("utf8"));
  } catch {
    throw invalidPolicy("Invalid JSON.");
  }
  const { expiration, conditions } = (policy ?? {}) as { expiration?: unknown; conditions?: unknown };
  const expires = typeof expiration === "string" ? Date.parse(expiration) : Number.NaN;
  if (Number.isNaN(expires)) throw invalidPolicy("Invalid 'expiration' value.");
  if (expires < now) throw violated("Policy expired.");
  if (!Array.isArray(conditions)) throw invalidPolicy("Invalid 'conditions' value.");
  const values = new Map([...fields, ["bucket", bucket]]);
  const covered = new Set<string>();
  let least = 0;
  let most = Number.POSITIVE_INFINITY;
  for (const condition of conditions.flatMap(asTriples)) {
    const [operator, name, value] = condition;
    if (operator === "content-length-range") {
      [least, most] = [Number(name), Number(value)];
      if (!Number.isInteger(least) || !Number.isInteger(most))
        throw invalidPolicy("Invalid content-length-range.");
      continue;
    }
    const field = String(name).replace(/^\$/, "").toLowerCase();
    covered.add(field);
    const actual = values.get(field) ?? "";
    const holds =
      operator === "eq"
        ? actual === String(value)
        : actual.split(",").every((part) => part.trim().startsWith(String(value)));
    if (!holds) {
      throw violated(`Policy Condition failed: ${JSON.stringify([operator, `$${field}`, value])}`);
    }
  }
  for (const field of fields.keys()) {
    if (!covered.has(field) && !free.test(field)) throw violated(`Extra input fields: ${field}`);
  }
  return { least, most };
}

type Triple = readonly [
  operator: "eq" | "starts-with" | "content-length-range",
  name: unknown,
  value: unknown,
];

/** `{ acl: "private" }` is short for `["eq", "$acl", "private"]`. */
function asTriples(condition: unknown): Triple[] {
  if (Array.isArray(condition) && condition.length === 3) {
    const operator = String(condition[0]).toLowerCase();
    if (operator === "eq" || operator === "starts-with" || operator === "content-length-range") {
      return [[operator, condition[1], condition[2]]];
    }
  } else if (typeof condition === "object" && condition !== null && !Array.isArray(condition)) {
    return Object.entries(condition).map(([name, value]) => ["eq", `$${name}`, value] as const);
  }
  throw invalidPolicy("Invalid Condition.");
}

/** Lets through what is within the policy's sizes. */
export async function* withinSizes(
  source: AsyncIterable<Buffer>,
  { least, most }: Pick<PostPolicy, "least" | "most">,
): AsyncGenerator<Buffer> {
  let size = 0;
  for await (const chunk of source) {
    size += chunk.length;
    if (size > most) throw entityTooLarge(size, most);
    yield chunk;
  }
  if (size < least) {
    throw new AwsError(
      "EntityTooSmall",
      "Your proposed upload is smaller than the minimum allowed size",
      400,
      {
        ProposedSize: size,
        MinSizeAllowed: least,
      },
    );
  }
}
