import { expect, test } from "vitest";
import { type Granted, permissionChanges } from "./words.ts";

const grant = (
  link: string,
  origin: string,
  actions: string[],
  effect: "Allow" | "Deny" = "Allow",
): Granted => ({ link, origin, effect, actions });
const words = (before: Granted[], after: Granted[]) =>
  permissionChanges([{ consumer: "Api", grants: before }], [{ consumer: "Api", grants: after }]).map(
    (change) => change.words,
  );

test("a wider link gains, a narrower one loses, and the link is named", () => {
  const read = [grant("Uploads", 'link("read")', ["s3:GetObject", "s3:ListBucket"])];
  const write = [grant("Uploads", 'link("write")', ["s3:PutObject"])];
  expect(words(read, write)).toEqual([
    'Api gains s3:PutObject on Uploads (link("write"))',
    'Api loses s3:GetObject, s3:ListBucket on Uploads (link("read"))',
  ]);
});

test("the same permissions, however they are split into statements, are no change", () => {
  expect(
    words(
      [grant("A", "x", ["s3:GetObject", "s3:PutObject"])],
      [grant("A", "y", ["s3:putobject"]), grant("A", "y", ["s3:GetObject"])],
    ),
  ).toEqual([]);
});

test("a new consumer gains all it has; one that is gone is not mentioned", () => {
  const changes = permissionChanges(
    [{ consumer: "Old", grants: [grant("A", "x", ["a:B"])] }],
    [{ consumer: "New", grants: [grant("A", "x", ["a:B"])] }],
  );
  expect(changes.map((change) => change.words)).toEqual(["New gains a:B on A (x)"]);
});

test("denials and a consumer's own permissions read as what they are", () => {
  expect(words([], [grant("A", "x", ["a:B"], "Deny"), grant("permissions", "", ["c:D"])])).toEqual([
    "Api gains a denial of a:B on A (x)",
    "Api gains c:D by its permissions",
  ]);
});

test("of a consumer of which not all is seen nothing is told to be lost", () => {
  const read = { link: "Orders", origin: "x", effect: "Allow", actions: ["s3:GetObject"] } as const;
  const before = [{ consumer: "Api", grants: [read] }];
  expect(permissionChanges(before, [{ consumer: "Api", grants: [], partial: true }])).toEqual([]);
  expect(permissionChanges(before, [{ consumer: "Api", grants: [] }])).toHaveLength(1);
});
