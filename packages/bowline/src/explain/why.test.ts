import { describe, expect, test } from "vitest";
import { allow, consumer, deployed, link, ORDERS, UPLOADS } from "./deployed.fixture.ts";
import { explainWhy } from "./why.ts";
import { whyText } from "./why-text.ts";

const readOrders = link("Orders", 'link("read")', [allow(["dynamodb:GetItem", "dynamodb:Query"], [ORDERS])]);
const app = deployed(
  consumer("Api", [
    readOrders,
    link("Uploads", "the default link", [
      allow(["s3:ListBucket"], [UPLOADS]),
      allow(["s3:GetObject"], [`${UPLOADS}/*`]),
    ]),
    link("Settings", "its link", [allow(["s3:GetObject"], [`${UPLOADS}/private/*`], { effect: "Deny" })]),
  ]),
  consumer("Report", [], { permissions: [allow(["dynamodb:*"], ["*"])] }),
  consumer("Odd", [
    link("Orders", "withPermissions", [
      allow(["dynamodb:PutItem"], [ORDERS], {
        conditions: { StringEquals: { "aws:PrincipalTag/a": ["b"] } },
      }),
    ]),
  ]),
);
const why = (name: string, resource: string, action?: string) =>
  explainWhy(app, { consumer: name, resource, action });

describe("why", () => {
  test("an allowed action names the statement, its policy and the link it is from", () => {
    expect(why("api", "orders", "GetItem")).toEqual({
      consumer: "Api",
      resource: "Orders",
      action: "dynamodb:GetItem",
      allowed: true,
      reasons: [
        {
          effect: "Allow",
          actions: ["dynamodb:GetItem", "dynamodb:Query"],
          resources: [ORDERS],
          policy: { name: "ApiLinks", kind: "inline" },
          statement: 1,
          from: ['link("read") of Orders'],
        },
      ],
    });
  });

  test("a denied action says what would allow it", () => {
    expect(why("Api", "Orders", "dynamodb:PutItem")).toMatchObject({
      allowed: false,
      reasons: [],
      hint: 'It has link("read") on Orders; access "write" would allow it: link: [orders.link("read", "write")]',
    });
  });

  test("an action on what a bucket holds is asked of its objects", () => {
    expect(why("Api", "Uploads", "s3:GetObject")).toMatchObject({
      allowed: true,
      reasons: [{ statement: 3 }],
    });
    expect(why("Api", "Uploads", "s3:PutObject")).toMatchObject({ allowed: false });
  });

  test("a denial wins, and is told with what denies", () => {
    expect(why("Api", `${UPLOADS}/private/key`, "s3:GetObject")).toMatchObject({
      allowed: false,
      reasons: [{ effect: "Deny", from: ["its link of Settings"] }],
      hint: "A denial wins over whatever allows it: remove it.",
    });
    expect(why("Api", `${UPLOADS}/public/key`, "s3:GetObject")).toMatchObject({ allowed: true });
  });

  test("what the function lists itself counts as well", () => {
    expect(why("Report", "Orders", "PutItem")).toMatchObject({
      allowed: true,
      reasons: [{ from: ["the permissions of Report"] }],
    });
  });

  test("a condition is told with the answer", () => {
    expect(whyText(why("Odd", "Orders", "PutItem"))).toContain("when    StringEquals aws:PrincipalTag/a: b");
  });

  test("without an action, everything that speaks of the resource is told", () => {
    expect(whyText(why("Api", "Uploads"))).toBe(`What Api may do on Uploads:
  allowed by the default link of Uploads: statement 2 of the inline policy ApiLinks
    actions s3:ListBucket
    on      ${UPLOADS}
  allowed by the default link of Uploads: statement 3 of the inline policy ApiLinks
    actions s3:GetObject
    on      ${UPLOADS}/*
  denied by its link of Settings: statement 4 of the inline policy ApiLinks
    actions s3:GetObject
    on      ${UPLOADS}/private/*`);
    expect(whyText(why("Odd", "Uploads"))).toBe("Odd may do nothing on Uploads.");
  });

  test.each([
    ["Nobody", "Orders", undefined, "There is no function named"],
    ["Api", "Nothing", undefined, "Nothing in this app is named"],
    ["Api", "Settings", undefined, "nothing that permissions are given on"],
    ["Api", "Orders", "dynamodb:*", "is no action"],
  ])("%s %s %s is refused with what there is", (name, resource, action, message) => {
    expect(() => why(name, resource, action)).toThrow(message);
  });
});
