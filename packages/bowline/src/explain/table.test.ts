import { expect, test } from "vitest";
import { allow, consumer, deployed, link, ORDERS, UPLOADS } from "./deployed.fixture.ts";
import { linkRows, tableText } from "./table.ts";

test("each link of each consumer is a row: access, actions, where its values and its permissions are", () => {
  const rows = linkRows(
    deployed(
      consumer(
        "Api",
        [
          link("Orders", 'link("read")', [
            allow(["dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan"], [ORDERS]),
          ]),
          link("Settings", "its link"),
          link("Uploads", "its link", [
            allow(["s3:GetObject"], [`${UPLOADS}/*`]),
            allow(["s3:GetObject"], [`${UPLOADS}/private/*`], { effect: "Deny" }),
          ]),
        ],
        {
          permissions: [allow(["ses:SendEmail"], ["*"])],
          variables: new Set(["SST_RESOURCE_Orders", "SST_RESOURCE_Uploads"]),
        },
      ),
    ),
  );
  expect(tableText(rows)).toBe(
    `
CONSUMER  LINK         ACCESS    ALLOWS                          VALUES IN             POLICY
Api       Orders       read      3 of dynamodb                   SST_RESOURCE_Orders   inline
          Settings     values                                    resource.enc
          Uploads      its link  s3:GetObject, not s3:GetObject  SST_RESOURCE_Uploads  inline
          permissions  its own   ses:SendEmail                                         inline`.trim(),
  );
});

test("a Worker finds its links in its env", () => {
  const rows = linkRows(
    deployed(
      consumer("Site", [link("Settings", "its link"), { ...link("Orders", "its link"), name: "my-orders" }], {
        kind: "worker",
      }),
    ),
  );
  expect(rows.map(({ values }) => values)).toEqual(["env.Settings", 'env["my-orders"]']);
});
