import { BowlineError } from "../error.ts";
import type { Statement } from "./statement.ts";
import { mergeStatements } from "./statement.ts";

/** What IAM counts, white space aside: all inline policies of a role together. */
export const INLINE_LIMIT = 10_240;
export const MANAGED_LIMIT = 6_144;
export const MANAGED_COUNT = 10;

export interface PolicyDocument {
  readonly Version: "2012-10-17";
  readonly Statement: readonly Readonly<Record<string, unknown>>[];
}

/** The merged policy of a consumer, or none when nothing is granted. */
export function policyDocument(statements: readonly Statement[]): PolicyDocument | undefined {
  const merged = mergeStatements(statements);
  if (merged.length === 0) return undefined;
  return { Version: "2012-10-17", Statement: merged.map(render) };
}

/** The document as IAM is given it: the same statements always give the same bytes. */
export function policyText(document: PolicyDocument): string {
  return JSON.stringify(document);
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

/** The largest contributors first, for the message of a policy that is too large. */
export function checkInlineSize(
  consumer: string,
  document: PolicyDocument,
  weights: readonly { readonly link: string; readonly size: number }[],
): void {
  const size = policyText(document).length;
  if (size <= INLINE_LIMIT) return;
  const heaviest = weights
    .toSorted((a, b) => b.size - a.size)
    .slice(0, 3)
    .map(({ link, size: own }) => `${link} (${own})`)
    .join(", ");
  throw new BowlineError(
    "policy-too-large",
    `The policy of ${consumer} has ${size} characters, ${size - INLINE_LIMIT} more than IAM allows. Heaviest links: ${heaviest}.`,
    { hint: 'Link less to this function, or narrow the access levels: bucket.link("read").' },
  );
}
