import { describe, expect, test } from "vitest";
import { type ConditionBlock, mergeStatements, type Statement } from "./statement.ts";

const allow = (actions: string[], resources: string[], conditions: ConditionBlock = {}): Statement => ({
  effect: "Allow",
  actions,
  resources,
  conditions,
});

describe("merging statements", () => {
  test("equal resources join their actions", () => {
    expect(mergeStatements([allow(["s3:PutObject"], ["b/*"]), allow(["s3:GetObject"], ["b/*"])])).toEqual([
      allow(["s3:GetObject", "s3:PutObject"], ["b/*"]),
    ]);
  });

  test("equal actions join their resources, over several rounds", () => {
    const merged = mergeStatements([
      allow(["s3:GetObject"], ["a/*"]),
      allow(["s3:PutObject"], ["a/*"]),
      allow(["s3:PutObject", "s3:GetObject"], ["b/*"]),
    ]);
    expect(merged).toEqual([allow(["s3:GetObject", "s3:PutObject"], ["a/*", "b/*"])]);
  });

  test("what would widen is left apart: other actions on other resources", () => {
    const statements = [allow(["s3:GetObject"], ["a/*"]), allow(["s3:PutObject"], ["b/*"])];
    expect(mergeStatements(statements)).toEqual(statements);
  });

  test("conditions and effect keep statements apart", () => {
    const conditions = { StringLike: { "s3:prefix": ["public/*"] } };
    const deny: Statement = { ...allow(["s3:ListBucket"], ["a"]), effect: "Deny" };
    expect(
      mergeStatements([allow(["s3:ListBucket"], ["a"]), allow(["s3:ListBucket"], ["a"], conditions), deny]),
    ).toHaveLength(3);
  });

  test("the order of the input makes no difference to a byte", () => {
    const statements = [
      allow(["sqs:SendMessage", "sqs:GetQueueUrl"], ["q"]),
      allow(["s3:GetObject"], ["b/*", "a/*"]),
      allow(["s3:ListBucket"], ["a"], {
        StringLike: { "s3:prefix": ["x", "b"] },
        Bool: { "aws:SecureTransport": ["true"] },
      }),
    ];
    expect(JSON.stringify(mergeStatements(statements.toReversed()))).toBe(
      JSON.stringify(mergeStatements(statements)),
    );
  });

  test("a wildcard makes the actions it covers superfluous", () => {
    expect(mergeStatements([allow(["s3:*", "s3:GetObject", "S3:putobject"], ["a"])])).toEqual([
      allow(["s3:*"], ["a"]),
    ]);
    expect(mergeStatements([allow(["s3:Get*", "s3:PutObject"], ["a"])])).toEqual([
      allow(["s3:Get*", "s3:PutObject"], ["a"]),
    ]);
  });

  test("statements that grant nothing vanish", () => {
    expect(mergeStatements([allow([], ["a"]), allow(["s3:GetObject"], [])])).toEqual([]);
  });
});
