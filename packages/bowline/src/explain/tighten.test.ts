import type { AuditEvent } from "@bowline/cloud";
import { describe, expect, test } from "vitest";
import { profiles } from "../link/access.ts";
import { allow, consumer, deployed, link, ORDERS, UPLOADS } from "./deployed.fixture.ts";
import { compareUse, usageText } from "./tighten.ts";

const { read, write } = profiles["bowline:aws:Dynamo"].levels;
const actions = (levels: readonly { readonly actions: readonly string[] }[]) =>
  levels.flatMap((level) => level.actions);
const both = link("Orders", "the default link", [allow([...actions(read), ...actions(write)], [ORDERS])]);

const call = (
  name: string,
  action: string,
  resource: string,
  more: Partial<AuditEvent> = {},
): AuditEvent => ({
  type: "audit",
  time: 1_700_000_000_000,
  requestId: "r",
  principal: `arn:aws:sts::000000000000:assumed-role/shop-${name}/session`,
  service: "",
  operation: "",
  action,
  resource,
  decision: "allow",
  reason: "",
  ...more,
});

const suggestions = (...log: AuditEvent[]) =>
  compareUse(deployed(consumer("Api", [both])), log).links[0]?.suggestions;

describe("tighten", () => {
  test("suggests the lower level that would do, and exactly what was used", () => {
    expect(
      suggestions(
        call("Api", "dynamodb:PutItem", ORDERS),
        call("Api", "dynamodb:PutItem", ORDERS, { decision: "deny" }),
      ),
    ).toEqual([
      { kind: "level", code: 'orders.link("write")' },
      { kind: "exact", code: 'orders.link({ actions: ["dynamodb:PutItem"] })' },
    ]);
  });

  test("suggests no lower level where none would do", () => {
    expect(
      suggestions(call("Api", "dynamodb:PutItem", ORDERS), call("Api", "dynamodb:Query", ORDERS)),
    ).toEqual([{ kind: "exact", code: 'orders.link({ actions: ["dynamodb:PutItem", "dynamodb:Query"] })' }]);
  });

  test("a link none of whose permissions was used keeps its values only", () => {
    expect(suggestions(call("Api", "s3:GetObject", `${UPLOADS}/a`))).toEqual([
      { kind: "unused", code: "orders.link().withPermissions()" },
    ]);
  });

  test("suggests nothing where everything was used", () => {
    const exact = link("Orders", "link({ actions })", [allow(["dynamodb:PutItem"], [ORDERS])]);
    const usage = compareUse(deployed(consumer("Api", [exact])), [call("Api", "dynamodb:PutItem", ORDERS)]);
    expect(usage.links).toMatchObject([
      { used: [{ action: "dynamodb:PutItem", calls: 1 }], suggestions: [] },
    ]);
  });

  test("broad access is narrowed to levels, under the consumer's own name for the link", () => {
    const full = {
      ...link("Orders", 'access "full"', [allow(["dynamodb:*"], [ORDERS, `${ORDERS}/*`])]),
      name: "Db",
    };
    const usage = compareUse(deployed(consumer("Api", [full])), [call("Api", "dynamodb:GetItem", ORDERS)]);
    expect(usage.links[0]?.suggestions[0]).toEqual({ kind: "level", code: 'orders.link("read").as("Db")' });
  });

  test("says since when the log runs, how many calls it has, and who made none", () => {
    const app = deployed(consumer("Api", [both]), consumer("Idle", [both]));
    const log = [
      call("Api", "dynamodb:GetItem", ORDERS),
      call("Other", "dynamodb:GetItem", ORDERS, { time: 1_600_000_000_000 }),
    ];
    const usage = compareUse(app, log);
    expect(usage).toMatchObject({ since: 1_600_000_000_000, calls: 1, silent: ["Idle"] });
    const text = usageText(usage, "t");
    expect(text).toContain('The log of stage "t" goes back to 2020-09-13 12:26:40 UTC and has 1 call by');
    expect(text).toContain("granted read, write (10 actions), used dynamodb:GetItem (1 call)");
    expect(text).toContain("Not called, so nothing is said of: Idle.");
    expect(usageText(compareUse(app, []), "t")).toBe('Nothing was called in stage "t" yet.');
  });

  test("every suggested level allows all that was used, and less than before", () => {
    for (const [type, profile] of Object.entries(profiles)) {
      const levels = Object.entries(
        profile.levels as Record<string, readonly { actions: readonly string[] }[]>,
      );
      const all = [...new Set(levels.flatMap(([, grants]) => actions(grants)))];
      for (const action of all) {
        const own = { ...link("Orders", "the default link", [allow(all, [ORDERS])]), type };
        const usage = compareUse(deployed(consumer("Api", [own])), [call("Api", action, ORDERS)]);
        const code = usage.links[0]?.suggestions.find(({ kind }) => kind === "level")?.code ?? "";
        const suggested = [...code.matchAll(/"(\w+)"/g)].flatMap(([, level]) =>
          actions(levels.find(([name]) => name === level)?.[1] ?? []),
        );
        if (code) expect(suggested).toContain(action);
        expect(new Set(suggested).size).toBeLessThan(Math.max(all.length, 1));
      }
    }
  });
});
