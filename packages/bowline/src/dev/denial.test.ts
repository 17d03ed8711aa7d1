import type { AuditEvent } from "@bowline/cloud";
import { describe, expect, test } from "vitest";
import type { Manifest } from "../deploy/manifest.ts";
import type { ResolvedLink } from "../link/resolve.ts";
import { explainDenial } from "./denial.ts";

const TABLE = "arn:aws:dynamodb:us-east-1:000000000000:table/shop-t-Orders-1";

const link = (name: string, type: string, arn: string, origin = "the default link"): ResolvedLink => ({
  name,
  type,
  origin,
  value: { arn, type },
  sensitive: false,
  statements: [],
  environment: {},
  bindings: [],
});

const orders = link("Orders", "bowline:aws:Dynamo", TABLE);
const files = link("Files", "bowline:aws:Bucket", "arn:aws:s3:::shop-t-files-1");

const manifest: Manifest = {
  app: { name: "shop", stage: "t" },
  consumers: [
    {
      name: "Report",
      kind: "function",
      runtime: "python3.12",
      handler: "src/report.handler",
      payload: "",
      functionName: "shop-t-Report-1",
      roleArn: "arn:aws:iam::000000000000:role/path/shop-t-Report-1",
      links: [{ ...orders, origin: 'link("read")' }],
      permissions: [],
      environment: {},
    },
  ],
  linkables: [orders, files],
  outputs: {},
  secretOutputs: [],
};

const denied = (
  action: string,
  resource: string,
  principal = "arn:aws:sts::000000000000:assumed-role/shop-t-Report-1/s",
): AuditEvent => ({
  type: "audit",
  time: 0,
  requestId: "r",
  principal,
  service: "x",
  operation: "X",
  action,
  resource,
  decision: "deny",
  reason: "no policy allows it",
});

describe("explaining a denial", () => {
  test("names the function, the resource and the level that is missing beside the one it has", () => {
    expect(explainDenial(denied("dynamodb:PutItem", TABLE), manifest)).toMatchObject({
      message: "Report may not dynamodb:PutItem on Orders",
      hint: 'It has link("read") on Orders; access "write" would allow it: link: [orders.link("read", "write")]',
    });
  });

  test("an index belongs to its table, an object to its bucket; no link at all is said", () => {
    expect(explainDenial(denied("dynamodb:Query", `${TABLE}/index/byDate`), manifest).resource).toBe(
      "Orders",
    );
    expect(explainDenial(denied("s3:GetObject", "arn:aws:s3:::shop-t-files-1/a/b"), manifest)).toMatchObject({
      message: "Report may not s3:GetObject on Files",
      hint: 'It has no link to Files; access "read" would allow it: link: [files.link("read")]',
    });
  });

  test("an action no level has asks for exactly that action", () => {
    expect(explainDenial(denied("dynamodb:DeleteTable", TABLE), manifest).hint).toContain(
      'orders.link("read", { actions: ["dynamodb:DeleteTable"] })',
    );
  });

  test("what nobody declared, and who is no function of the app, are named as AWS knows them", () => {
    expect(
      explainDenial(denied("sqs:SendMessage", "arn:aws:sqs:us-east-1:000000000000:q"), manifest).message,
    ).toContain("arn:aws:sqs");
    expect(
      explainDenial(denied("s3:GetObject", "*", "arn:aws:sts::0:assumed-role/other/s"), manifest).hint,
    ).toBe("no policy allows it");
  });
});
