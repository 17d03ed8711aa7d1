import { expect, test } from "vitest";
import { checkReads } from "./findings.ts";
import { javascriptReads } from "./javascript.ts";

const consumer = { name: "Api", links: { Orders: ["name", "arn"], Uploads: undefined } };

async function findings(code: string) {
  const text = `import { Resource } from "bowline";\n${code}`;
  const reads = await javascriptReads([{ path: "src/api.ts", text }]);
  return checkReads(consumer, reads, ["Orders", "Uploads", "Users"]);
}

test("nothing is said of code that reads what it is linked to", async () => {
  expect(
    await findings(
      "use(Resource.Orders.name, Resource.Orders.type, Resource.Uploads.any, Resource.App.stage);",
    ),
  ).toEqual([]);
});

test("a link that is missing is an error with its place and the way out", async () => {
  const [finding] = await findings("use(Resource.Users.name, Resource.Orders, Resource.Uploads);");
  expect(finding).toEqual({
    kind: "not-linked",
    severity: "error",
    message: "src/api.ts:2:14: Api reads Resource.Users, but is not linked to it.",
    hint: "Add Users to the `link: [...]` of Api.",
    place: { file: "src/api.ts", line: 2, column: 14 },
  });
});

test("a link nothing is called by is told with what was meant", async () => {
  const found = await findings("use(Resource.Order, Resource.Elsewhere, Resource.Orders, Resource.Uploads);");
  expect(found.map(({ hint }) => hint)).toEqual([
    "Did you mean Orders? Api is linked to Orders, Uploads.",
    "Nothing in the app is called Elsewhere. Api is linked to Orders, Uploads.",
  ]);
});

test("a property that the link does not have is an error", async () => {
  const [finding] = await findings("use(Resource.Orders.nmae, Resource.Uploads);");
  expect(finding?.message).toBe(
    "src/api.ts:2:21: Api reads Resource.Orders.nmae, which the link does not have.",
  );
  expect(finding?.hint).toBe("Did you mean name? It has arn, name.");
});

test("a link that nobody reads is a warning, unless code may read any", async () => {
  const unread = await findings("use(Resource.Orders);");
  expect(unread).toMatchObject([
    { kind: "unread", severity: "warning", message: expect.stringContaining("Uploads") },
  ]);
  const computed = await findings("export const f = (name: string) => Resource[name];");
  expect(computed).toMatchObject([{ kind: "unverifiable", severity: "notice", place: { line: 2 } }]);
});

test("asking whether a link is there is no error", async () => {
  expect(await findings('use("Users" in Resource, Resource.Orders, Resource.Uploads);')).toEqual([]);
});

test("what may be one of the links that only a deployment shows is no error", async () => {
  const reads = await javascriptReads([
    {
      path: "src/api.ts",
      text: 'import { Resource } from "bowline";\nuse(Resource.Users.name, Resource.Orders.nme);',
    },
  ]);
  const found = checkReads({ name: "Api", links: { Orders: ["name"] }, unknown: ["link[1]"] }, reads, [
    "Users",
  ]);
  expect(found.map(({ kind, severity, message }) => [kind, severity, message])).toEqual([
    [
      "unverifiable",
      "notice",
      "src/api.ts:2:14: whether Api is linked to Resource.Users shows only when it is deployed.",
    ],
    [
      "no-such-property",
      "error",
      "src/api.ts:2:42: Api reads Resource.Orders.nme, which the link does not have.",
    ],
    [
      "unverifiable",
      "notice",
      "Api: what link[1] is shows only when it is deployed, so it is neither checked nor typed.",
    ],
  ]);
});
