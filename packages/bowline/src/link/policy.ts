import { BowlineError } from "../error.ts";
import type { Statement } from "./statement.ts";
import { mergeStatements } from "./statement.ts";

/** What IAM counts, white space aside: all inline policies of a role together. */
export const INLINE_LIMIT = 10_240;
export const MANAGED_LIMIT = 6_144;
/** IAM attaches ten policies to a role; the one for logs is among them. */
export const MANAGED_COUNT = 9;

export interface PolicyDocument {
  readonly Version: "2012-10-17";
  readonly Statement: readonly Readonly<Record<string, unknown>>[];
}

/** A consumer's permissions as IAM takes them: an inline policy, and managed ones for what does not fit. */
export interface Policies {
  readonly inline: string;
  readonly managed: readonly string[];
}

/** What everyone may do anyway: IAM takes no empty policy. */
const NOTHING: Statement = {
  effect: "Allow",
  actions: ["sts:GetCallerIdentity"],
  resources: ["*"],
  conditions: {},
};

/** The document as IAM is given it: the same statements always give the same bytes. */
export function policyText(statements: readonly Statement[]): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: statements.map(render),
  } satisfies PolicyDocument);
}

/**
 * The merged policy of a consumer, spread over one inline and `managed` managed policies.
 * `weights` are for the message when all of them are too small.
 */
export function writePolicies(
  consumer: string,
  statements: readonly Statement[],
  managed: number,
  weights: readonly { readonly link: string; readonly size: number }[] = [],
): Policies {
  const merged = mergeStatements(statements);
  const limits = [INLINE_LIMIT, ...Array.from({ length: managed }, () => MANAGED_LIMIT)];
  const packed = pack(merged, limits);
  if (!packed) throw tooLarge(consumer, merged, limits, weights);
  const [inline = "", ...rest] = packed.map((own) => policyText(own.length > 0 ? own : [NOTHING]));
  return { inline, managed: rest };
}

/**
 * How many managed policies a consumer may need, from what is known before any ARN is: how many resources are named
 * in how many ways. An ARN is taken to be as long as they get, and a link that is not known yet to be as a bucket's.
 */
export function managedPoliciesFor(
  permissions: readonly { readonly actions: readonly string[]; readonly resources: readonly unknown[] }[],
  unknownLinks = 0,
): number {
  const byActions = new Map<string, number>();
  for (const { actions, resources } of permissions) {
    const key = JSON.stringify(actions);
    byActions.set(key, (byActions.get(key) ?? 0) + resources.length);
  }
  const estimate = [...byActions].reduce(
    (sum, [actions, count]) => sum + actions.length + count * LONG_ARN + 64,
    unknownLinks * UNKNOWN_LINK,
  );
  if (estimate <= INLINE_LIMIT) return 0;
  return Math.min(MANAGED_COUNT, Math.ceil((estimate - INLINE_LIMIT) / (MANAGED_LIMIT - 2 * LONG_ARN)));
}

const LONG_ARN = 128;
/** A bucket to read and write is named four times: itself and its objects, for what reads and for what writes. */
const UNKNOWN_LINK = 4 * LONG_ARN;

/** Statements in documents of limited size, one that is too large for the rest of a document split by its resources. */
function pack(statements: readonly Statement[], limits: readonly number[]): Statement[][] | undefined {
  const documents: Statement[][] = limits.map(() => []);
  let at = 0;
  for (const statement of statements) {
    let left: readonly string[] = statement.resources;
    while (left.length > 0) {
      const document = documents[at];
      const limit = limits[at];
      if (!document || limit === undefined) return undefined;
      const count = fitting(document, statement, left, limit);
      if (count > 0) document.push({ ...statement, resources: left.slice(0, count) });
      left = left.slice(count);
      if (left.length > 0) at += 1;
    }
  }
  return documents;
}

/** How many of the resources fit into a document that has others already. */
function fitting(
  document: readonly Statement[],
  statement: Statement,
  resources: readonly string[],
  limit: number,
): number {
  const size = (count: number) =>
    policyText([...document, { ...statement, resources: resources.slice(0, count) }]).length;
  if (size(resources.length) <= limit) return resources.length;
  let low = 0;
  let high = resources.length;
  while (low + 1 < high) {
    const middle = (low + high) >> 1;
    if (size(middle) <= limit) low = middle;
    else high = middle;
  }
  return low;
}

function render(statement: Statement): Record<string, unknown> {
  return {
    Effect: statement.effect,
    Action: oneOrMany(statement.actions),
    Resource: oneOrMany(statement.resources),
    ...(Object.keys(statement.conditions).length > 0 ? { Condition: statement.conditions } : {}),
  };
}

function oneOrMany(values: readonly string[]): string | readonly string[] {
  const [first] = values;
  return values.length === 1 && first !== undefined ? first : values;
}

function tooLarge(
  consumer: string,
  merged: readonly Statement[],
  limits: readonly number[],
  weights: readonly { readonly link: string; readonly size: number }[],
): BowlineError {
  const size = policyText(merged).length;
  const room = limits.reduce((sum, limit) => sum + limit, 0);
  const heaviest = weights
    .toSorted((a, b) => b.size - a.size)
    .slice(0, 3)
    .map(({ link, size: own }) => `${link} (${own})`)
    .join(", ");
  return new BowlineError(
    "policy-too-large",
    `The policy of ${consumer} has ${size} characters, and IAM takes ${room}: ${Math.max(1, size - room)} too many. Heaviest links: ${heaviest}.`,
    { hint: 'Link less to this function, or narrow the access: bucket.link("read").' },
  );
}
