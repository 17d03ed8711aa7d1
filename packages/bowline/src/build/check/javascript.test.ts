import { describe, expect, test } from "vitest";
import { javascriptReads } from "./javascript.ts";

/** What one module reads, as `Link.property@line:column`, and what cannot be told of it. */
async function reads(text: string, path = "src/handler.ts"): Promise<string[]> {
  const found = await javascriptReads([{ path, text }]);
  return [
    ...found.links.map(
      ({ link, property, optional, line, column }) =>
        `${link}${property ? `.${property}` : ""}${optional ? "?" : ""}@${line}:${column}`,
    ),
    ...found.unverifiable.map(({ code, line, column }) => `!${code}@${line}:${column}`),
  ];
}

const sdk = 'import { Resource } from "bowline";\n';

describe("finds what is read", () => {
  test.each<[string, string, string[]]>([
    ["a property", `${sdk}Resource.Orders.name;`, ["Orders@2:10", "Orders.name@2:17"]],
    ["an item", `${sdk}use(Resource["my-table"]["name"]);`, ["my-table@2:14", "my-table.name@2:26"]],
    ["through npm sst", 'import { Resource } from "sst";\nuse(Resource.A);', ["A@2:14"]],
    ["under another name", 'import { Resource as R } from "bowline";\nuse(R.A);', ["A@2:7"]],
    ["through a namespace", 'import * as sst from "sst";\nuse(sst.Resource.A);', ["A@2:18"]],
    ["through an alias", `${sdk}const r = Resource;\nuse(r.A);`, ["A@3:7"]],
    [
      "by destructuring",
      `${sdk}const { A, B: { name }, C: c } = Resource;`,
      ["A@2:9", "B@2:12", "B.name@2:17", "C@2:25"],
    ],
    [
      "through a link kept in a variable",
      `${sdk}const { A } = Resource;\nconst b = Resource.B;\nuse(A.x, b.y);`,
      ["A@2:9", "B@3:20", "A.x@4:7", "B.y@4:12"],
    ],
    ["by destructuring in an assignment", `${sdk}let A: unknown;\n({ A } = Resource);\nuse(A);`, ["A@3:4"]],
    ["through for", `${sdk}use(Resource.for("Api").A.name);`, ["A@2:25", "A.name@2:27"]],
    ["with a constant", `${sdk}const key = "A";\nuse(Resource[key]);`, ["A@3:14"]],
    ["with a template", `${sdk}use(Resource[\`A\`]);`, ["A@2:14"]],
    [
      "in a function with types",
      `${sdk}export async function f(x: Record<string, number>): Promise<string> {\n  return (Resource as any).A!.name as string;\n}`,
      ["A@3:28", "A.name@3:31"],
    ],
    [
      "through a var that a block declares",
      `${sdk}export function f() {\n  if (Math.random()) {\n    var r = Resource;\n  }\n  return r.A;\n}`,
      ["A@6:12"],
    ],
    ["after a dynamic import", 'const { Resource } = await import("bowline");\nuse(Resource.A);', ["A@2:14"]],
    ["after a dynamic import, at once", 'use((await import("bowline")).Resource.A);', ["A@1:40"]],
    ["after require", 'const { Resource } = require("sst");\nuse(Resource.A);', ["A@2:14"]],
    [
      "in a default",
      `${sdk}function f(name = Resource.A.name, { x = Resource.B } = {}) { return [name, x]; }\nuse(f);`,
      ["A@2:28", "A.name@2:30", "B@2:51"],
    ],
    ["optionally chained", `${sdk}use(Resource.A?.name);`, ["A@2:14", "A.name@2:17"]],
    ["as a test", `${sdk}use("A" in Resource);`, ["A?@2:5"]],
    [
      "as an argument of a class",
      `${sdk}class X { name = Resource.A.name; static { use(Resource.B); } }\nuse(X);`,
      ["A@2:27", "A.name@2:29", "B@2:57"],
    ],
  ])("%s", async (_title, text, expected) => {
    expect(await reads(text)).toEqual(expected);
  });

  test("in JSX", async () => {
    expect(
      await reads(`${sdk}export const Page = () => <p title={Resource.A.name}>x</p>;`, "src/page.tsx"),
    ).toEqual(["A@2:46", "A.name@2:48"]);
  });

  test("through re-exports, defaults and links that other modules keep", async () => {
    const { links, unverifiable } = await javascriptReads([
      {
        path: "a.ts",
        text: 'import all, { R, table, again } from "./b.js";\nimport * as b from "./b.js";\nuse(R.One, all.Two, table.name, again.Three, b.R.Four);',
        imports: { "./b.js": "b.ts" },
      },
      {
        path: "b.ts",
        text: 'import { Resource } from "sst";\nexport { Resource as R } from "bowline";\nexport * from "./c";\nexport const table = Resource.Table;\nexport default Resource;',
        imports: { "./c": "c.ts" },
      },
      {
        path: "c.ts",
        text: 'import { R } from "./b";\nexport const again = R;\nexport * from "./b";',
        imports: { "./b": "b.ts" },
      },
    ]);
    expect(links.map(({ file, link, property }) => [file, link, property])).toEqual([
      ["a.ts", "One", undefined],
      ["a.ts", "Two", undefined],
      ["a.ts", "Table", "name"],
      ["a.ts", "Three", undefined],
      ["a.ts", "Four", undefined],
      ["b.ts", "Table", undefined],
    ]);
    expect(unverifiable).toEqual([]);
  });
});

describe("says what cannot be told", () => {
  test.each<[string, string, string[]]>([
    ["a computed name", `${sdk}export const f = (name: string) => Resource[name];`, ["!Resource[name]@2:36"]],
    ["a rest", `${sdk}const { A, ...rest } = Resource;\nuse(A, rest);`, ["A@2:9", "!...rest@2:12"]],
    ["all of it as an argument", `${sdk}use(Resource);`, ["!use(Resource)@2:1"]],
    ["all of it in an object", `${sdk}use({ ...Resource });`, ["!...Resource@2:7"]],
  ])("%s", async (_title, text, expected) => {
    expect(await reads(text)).toEqual(expected);
  });
});

describe("is not fooled by", () => {
  test.each<[string, string]>([
    ["another module's Resource", 'import { Resource } from "other";\nuse(Resource.A);'],
    ["a parameter", `${sdk}export const f = (Resource: any) => Resource.A;`],
    [
      "a local of the same name",
      `${sdk}export function f() { const Resource = { A: 1 }; return Resource.A; }`,
    ],
    [
      "a hoisted var",
      `${sdk}export function f() { if (Math.random()) { var Resource: any = {}; } return Resource.A; }`,
    ],
    ["a catch", `${sdk}try { use(); } catch (Resource: any) { use(Resource.A); }`],
    ["a key of that name", `${sdk}use({ Resource: 1 }.Resource, { A: 1 }.A);`],
    ["types", 'import type { Resource } from "bowline";\nexport type T = Resource["A"];'],
    ["a string or a comment", '"Resource.A"; // Resource.B'],
    ["names that lead back to themselves", "const a = b, b = a;\nuse(a.Resource, b.A);"],
    ["what every object has", `${sdk}use(Resource.toString());`],
  ])("%s", async (_title, text) => {
    expect(await reads(text)).toEqual([]);
  });
});
