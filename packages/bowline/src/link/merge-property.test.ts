/** Merging neither widens nor narrows what is allowed: random link sets, judged by the cloud's own evaluator. */
import { expect, test } from "vitest";
import { type CompiledPolicy, compilePolicy, evaluate } from "../../../cloud/src/iam/evaluate.ts";
import type { PolicyDocument } from "../../../cloud/src/iam/policy.ts";
import { INLINE_LIMIT, MANAGED_LIMIT, managedPoliciesFor, policyText, writePolicies } from "./policy.ts";
import { type ConditionBlock, mergeStatements, type Statement } from "./statement.ts";

/** The same numbers for the same seed, so that a failure can be looked at. */
function random(seed: number): <T>(from: readonly [T, ...T[]]) => T {
  let state = seed;
  return (from) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return from[((mixed ^ (mixed >>> 14)) >>> 0) % from.length] ?? from[0];
  };
}
type Pick = ReturnType<typeof random>;

const actions = [
  "s3:GetObject",
  "s3:getobject",
  "s3:GetObjectTagging",
  "s3:PutObject",
  "s3:Get*",
  "s3:*",
  "s3:?etObject",
  "dynamodb:GetItem",
  "dynamodb:Query",
  "DynamoDB:GetItem",
  "*",
] as const;
const resources = [
  "arn:aws:s3:::a",
  "arn:aws:s3:::a/*",
  "arn:aws:s3:::a/public/*",
  "arn:aws:s3:::b",
  "arn:aws:s3:::b*/x",
  "arn:aws:s3:::a/$" + "{aws:PrincipalAccount}/*",
  "arn:aws:dynamodb:us-east-1:000000000000:table/t",
  "arn:aws:dynamodb:us-east-1:000000000000:table/t/index/*",
  "*",
] as const;
const conditions: readonly [ConditionBlock, ...ConditionBlock[]] = [
  {},
  {},
  {},
  { StringEquals: { "s3:prefix": ["x"] } },
  { StringEquals: { "s3:prefix": ["x", "y"] } },
  { StringEquals: { "s3:prefix": ["y", "x"] } },
  { StringNotLike: { "s3:prefix": ["x*"] }, Bool: { "aws:SecureTransport": ["true"] } },
  { Bool: { "aws:SecureTransport": ["true"] }, StringNotLike: { "s3:prefix": ["x*"] } },
  { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": ["x"] } },
];
const askedActions = ["s3:GetObject", "s3:GetObjectTagging", "s3:PutObject", "dynamodb:Query"] as const;
const nearActions = ["s3:GetObjects", "s3:GetO", "dynamodb:GetItem", "dynamodb:BatchGetItem"] as const;
const askedResources = [
  "arn:aws:s3:::a",
  "arn:aws:s3:::a/public/k",
  "arn:aws:s3:::bee/x",
  "arn:aws:dynamodb:us-east-1:000000000000:table/t",
  "arn:aws:dynamodb:us-east-1:000000000000:table/t/index/i",
] as const;
const nearResources = [
  "arn:aws:s3:::ab",
  "arn:aws:s3:::a/000000000000/k",
  "arn:aws:s3:::b",
  "arn:aws:dynamodb:us-east-1:000000000000:table/tt",
] as const;
type Context = Readonly<Record<string, string | readonly string[]>>;
const account = { "aws:principalaccount": "000000000000" };
const contexts: readonly [Context, ...Context[]] = [
  account,
  { ...account, "s3:prefix": "x" },
  { ...account, "s3:prefix": "y", "dynamodb:leadingkeys": ["x"] },
  { ...account, "s3:prefix": "z", "dynamodb:leadingkeys": ["x", "z"], "aws:securetransport": "true" },
];

function listOf<T>(pick: Pick, from: readonly [T, ...T[]], most: readonly [number, ...number[]]): T[] {
  return Array.from({ length: pick(most) }, () => pick(from));
}

function randomStatement(pick: Pick): Statement {
  return {
    effect: pick(["Allow", "Allow", "Allow", "Deny"] as const),
    actions: listOf(pick, actions, [1, 1, 2, 3]),
    resources: listOf(pick, resources, [1, 1, 2, 3]),
    conditions: pick(conditions),
  };
}

function shuffled<T>(pick: Pick, values: readonly T[]): T[] {
  const left = [...values];
  const taken: T[] = [];
  while (left.length > 0) {
    const [index, ...others] = left.keys();
    if (index === undefined) break;
    taken.push(...left.splice(pick([index, ...others]), 1));
  }
  return taken;
}

/** Every statement as it was given, as an identity policy. */
function unmerged(statements: readonly Statement[]): CompiledPolicy {
  const Statement = statements.map((given) => ({
    Effect: given.effect,
    Action: given.actions,
    Resource: given.resources,
    Condition: given.conditions,
  }));
  return compilePolicy({ Version: "2012-10-17", Statement }, "given");
}

const written = (text: string) => compilePolicy(JSON.parse(text) as PolicyDocument, "written");

const role = {
  kind: "role",
  arn: "arn:aws:sts::000000000000:assumed-role/r/s",
  roleArn: "arn:aws:iam::000000000000:role/r",
  sessionName: "s",
  accountId: "000000000000",
} as const;

function decide(identity: readonly CompiledPolicy[], action: string, resource: string, context: Context) {
  const decision = evaluate({ principal: role, action, resource, identity, context: (key) => context[key] });
  if (decision.allowed) return "allowed";
  return decision.explicit ? "denied" : "not allowed";
}

/** Everything two sets of policies judge differently. */
function differences(
  before: readonly CompiledPolicy[],
  after: readonly CompiledPolicy[],
  asked: { actions: readonly string[]; resources: readonly string[]; contexts: readonly Context[] },
): string[] {
  const found: string[] = [];
  for (const context of asked.contexts) {
    for (const action of asked.actions) {
      for (const resource of asked.resources) {
        const was = decide(before, action, resource, context);
        const is = decide(after, action, resource, context);
        if (was !== is) found.push(`${action} on ${resource} was ${was}, is ${is}`);
      }
    }
  }
  return found;
}

const SETS = 20_000;

test("20,000 random link sets allow the same merged and unmerged, in the same bytes whatever their order", () => {
  const outcomes = { allowed: 0, denied: 0, "not allowed": 0 };
  let fewer = 0;
  for (let seed = 0; seed < SETS; seed++) {
    const pick = random(seed);
    const statements = Array.from({ length: pick([1, 2, 3, 4, 6]) }, () => randomStatement(pick));
    const text = writePolicies("Api", statements, 0).inline;
    const before = [unmerged(statements)];
    const asked = {
      actions: [...askedActions, pick(nearActions)],
      resources: [...askedResources, pick(nearResources)],
      contexts: [pick(contexts)],
    };
    const changed = differences(before, [written(text)], asked);
    if (changed.length > 0) expect.fail(`seed ${seed}: ${changed.join("\n")}`);
    outcomes[decide(before, pick(askedActions), pick(askedResources), pick(contexts))]++;
    const merged = mergeStatements(statements);
    if (merged.length < statements.length) fewer++;

    const reordered = shuffled(pick, statements).map((given) => ({
      ...given,
      actions: shuffled(pick, given.actions),
      resources: shuffled(pick, given.resources),
    }));
    if (policyText(mergeStatements(reordered)) !== policyText(merged))
      expect.fail(`seed ${seed}: ${text} in another order is other bytes`);
  }
  // The sets are no trivial ones: each outcome occurs, and merging does something.
  for (const count of [...Object.values(outcomes), fewer]) expect(count).toBeGreaterThan(SETS / 50);
}, 60_000);

test("policies that spill over allow the same as well, each within its limit", () => {
  for (let seed = 0; seed < 10; seed++) {
    const pick = random(seed);
    const names = Array.from({ length: pick([90, 150, 240]) }, (_, i) =>
      `arn:aws:s3:::bucket-${i}`.padEnd(90, "-"),
    );
    const statements = names.map((arn) => ({
      ...randomStatement(pick),
      resources: pick([[arn], [arn, `${arn}/*`]]),
    }));
    const { inline, managed } = writePolicies("Api", statements, managedPoliciesFor(statements));
    expect(managed.length).toBeGreaterThan(0);
    expect(inline.length).toBeLessThanOrEqual(INLINE_LIMIT);
    for (const text of managed) expect(text.length).toBeLessThanOrEqual(MANAGED_LIMIT);
    const asked = {
      actions: askedActions,
      resources: shuffled(pick, names)
        .slice(0, 12)
        .flatMap((arn) => [arn, `${arn}/k`]),
      contexts,
    };
    expect(
      differences([unmerged(statements)], [inline, ...managed].map(written), asked),
      `seed ${seed}`,
    ).toEqual([]);
  }
}, 60_000);
