import { describe, expect, test } from "vitest";
import { INLINE_LIMIT, MANAGED_COUNT, MANAGED_LIMIT, managedPoliciesFor, writePolicies } from "./policy.ts";
import type { Statement } from "./statement.ts";

const allow = (actions: string[], resources: string[]): Statement => ({
  effect: "Allow",
  actions,
  resources,
  conditions: {},
});
const arns = (count: number, length = 100) =>
  Array.from({ length: count }, (_, i) => `arn:aws:s3:::bucket-${i}-`.padEnd(length, "x"));

/** Every pair of action and resource that a text allows. */
function granted(texts: readonly string[]): Set<string> {
  const list = (value: string | string[]) => (Array.isArray(value) ? value : [value]);
  return new Set(
    texts
      .flatMap(
        (text) => JSON.parse(text).Statement as { Action: string | string[]; Resource: string | string[] }[],
      )
      .flatMap(({ Action, Resource }) =>
        list(Action).flatMap((action) => list(Resource).map((resource) => `${action} ${resource}`)),
      ),
  );
}

describe("writing policies", () => {
  test("what fits is one inline policy, the same bytes in any order", () => {
    const statements = [allow(["s3:GetObject"], ["b"]), allow(["s3:GetObject"], ["a"])];
    const { inline, managed } = writePolicies("Api", statements, 0);
    expect(inline).toBe(
      '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":["a","b"]}]}',
    );
    expect(managed).toEqual([]);
    expect(writePolicies("Api", statements.toReversed(), 0).inline).toBe(inline);
  });

  test("what does not fit spills into managed policies, none over its limit, and nothing is lost or added", () => {
    const statements = [
      allow(["s3:GetObject", "s3:PutObject"], arns(200)),
      allow(["s3:ListBucket"], arns(150, 90)),
    ];
    const { inline, managed } = writePolicies("Api", statements, 8);
    expect(inline.length).toBeLessThanOrEqual(INLINE_LIMIT);
    for (const text of managed) expect(text.length).toBeLessThanOrEqual(MANAGED_LIMIT);
    const all = granted([inline, ...managed]);
    all.delete("sts:GetCallerIdentity *");
    expect(all).toEqual(
      new Set(statements.flatMap((s) => s.actions.flatMap((a) => s.resources.map((r) => `${a} ${r}`)))),
    );
  });

  test("a policy that turns out smaller than planned leaves none empty", () => {
    const { managed } = writePolicies("Api", [allow(["s3:GetObject"], ["a"])], 2);
    expect(managed).toHaveLength(2);
    for (const text of managed) expect(JSON.parse(text).Statement).toHaveLength(1);
  });

  test("what fits nowhere is an error by how much and because of which links", () => {
    const weights = [
      { link: "Small", size: 10 },
      { link: "Huge", size: 90_000 },
    ];
    expect(() => writePolicies("Api", [allow(["s3:GetObject"], arns(2000))], 9, weights)).toThrow(
      /The policy of Api has \d+ characters, and IAM takes 65536: \d+ too many. Heaviest links: Huge \(90000\), Small \(10\)\./,
    );
  });

  test("the plan for managed policies is never too small for resources with long names", () => {
    for (const count of [10, 80, 120, 300, 420]) {
      const permissions = [
        { actions: ["s3:GetObject", "s3:PutObject"], resources: arns(count, 128) },
        { actions: ["s3:ListBucket"], resources: ["arn:aws:s3:::b"] },
      ];
      const statements = permissions.map(({ actions, resources }) => allow(actions, resources));
      expect(() => writePolicies("Api", statements, managedPoliciesFor(permissions))).not.toThrow();
    }
  });
});

test("a link that is not known yet has its part in how many managed policies there may be", () => {
  expect(managedPoliciesFor([], 10)).toBe(0);
  expect(managedPoliciesFor([], 40)).toBeGreaterThan(0);
  expect(managedPoliciesFor([], 10_000)).toBe(MANAGED_COUNT);
});
