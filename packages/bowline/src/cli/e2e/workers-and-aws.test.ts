import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { example, expectTypes } from "./worker-apps.ts";

test("a Worker and a function use a table and call each other, each with just what it is linked to", {
  timeout: 240000,
}, async () => {
  await using app = example("cloudflare-and-aws");
  const ran = await app.bowline("run", "--stage", "t", "--", "node", "check.mjs");
  expect(ran.stderr).toContain(
    "Front is a Worker, which has no role in AWS: for its link to Booking, Crossings",
  );
  expect(ran.stderr).toContain("AWS_SECRET_ACCESS_KEY");
  expect(ran.stderr).toContain(
    "Booking is a function, which has no bindings: for its link to Tickets it gets credentials of its own for R2",
  );
  expect(ran.stderr).toContain("Front may not dynamodb:PutItem on Crossings");
  expect(ran.stdout).toContain("the ferry runs");
  expect(ran.code).toBe(0);
  await expectTypes(app, "cloudflare-and-aws");
  const removed = await app.bowline("remove", "--stage", "t", "--json");
  expect(removed).toMatchObject({ code: 0 });
  expect(removed.events.filter(({ type }) => type === "error")).toEqual([]);
  expect(readdirSync(join(app.dir, ".bowline/stages/t/workers"), { recursive: true })).toEqual([
    "objects",
    "ports.json",
  ]);
});
