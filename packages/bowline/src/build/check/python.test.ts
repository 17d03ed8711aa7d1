import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { pythonReads } from "./python.ts";

const python = spawnSync("python3", ["--version"]);
if (python.error) console.warn(`Python handlers are not checked: ${python.error.message}.`);

async function reads(text: string): Promise<string[]> {
  const found = await pythonReads([{ path: "src/handler.py", text }]);
  return [
    ...found.links.map(
      ({ link, property, optional, line, column }) =>
        `${link}${property ? `.${property}` : ""}${optional ? "?" : ""}@${line}:${column}`,
    ),
    ...found.unverifiable.map(({ code, line, column }) => `!${code}@${line}:${column}`),
  ];
}

const sdk = "from bowline import Resource\n";

describe.skipIf(python.error)("in Python", () => {
  test.each<[string, string, string[]]>([
    ["an attribute", `${sdk}Resource.Orders.name`, ["Orders@2:10", "Orders.name@2:17"]],
    ["an item", `${sdk}use(Resource["my-table"]["name"])`, ["my-table@2:14", "my-table.name@2:26"]],
    ["through sst", "from sst import Resource\nuse(Resource.A)", ["A@2:14"]],
    ["under another name", "from bowline import Resource as R\nuse(R.A)", ["A@2:7"]],
    ["through the module", "import sst\nuse(sst.Resource.A)", ["A@2:18"]],
    ["through an alias", `${sdk}r = Resource\nuse(r.A)`, ["A@3:7"]],
    [
      "through a link kept in a variable",
      `${sdk}a = Resource.A\nuse(a.name, a["arn"])`,
      ["A@2:14", "A.name@3:7", "A.arn@3:15"],
    ],
    [
      "in functions, defaults and comprehensions",
      `${sdk}def f(x=Resource.A):\n    return [Resource.B.n for _ in x]\n`,
      ["A@2:18", "B@3:22", "B.n@3:24"],
    ],
    [
      "before it is imported, in the file",
      "def f():\n    return Resource.A\nfrom bowline import Resource\n",
      ["A@2:21"],
    ],
    ["with getattr", `${sdk}use(getattr(Resource, "A").name)`, ["A@2:23", "A.name@2:28"]],
    ["with a constant", `${sdk}KEY = "A"\nuse(Resource[KEY])`, ["A@3:14"]],
    [
      "as a test",
      `${sdk}use("A" in Resource, hasattr(Resource, "B"), Resource.get("C"))`,
      ["A?@2:5", "B?@2:40", "C?@2:59"],
    ],
    ["in an f-string", `${sdk}use(f"{Resource.A.name}")`, ["A", "A.name"]],
    ["a computed name", `${sdk}def f(name):\n    return Resource[name]\n`, ["!Resource[name]@3:12"]],
    ["all of it", `${sdk}use(dict(Resource), Resource.items())`, ["!Resource@2:10", "!Resource.items@2:21"]],
    ["another's Resource", "from other import Resource\nuse(Resource.A)", []],
    ["a parameter of that name", `${sdk}def f(Resource):\n    return Resource.A\n`, []],
    ["a local of that name", `${sdk}def f():\n    Resource = object()\n    return Resource.A\n`, []],
    ["a string and a comment", `${sdk}"Resource.A"  # Resource.B`, []],
  ])("%s", async (title, text, expected) => {
    const found = await reads(text);
    // Where in an f-string something stands is known from Python 3.12 on.
    expect(title.includes("f-string") ? found.map((one) => one.replace(/@.*/, "")) : found).toEqual(expected);
  });

  test("through other modules", async () => {
    const { links } = await pythonReads([
      {
        path: "src/handler.py",
        text: "from .links import R, table\nfrom src import links\nfrom src.more import *\nuse(R.One, table.name, links.R.Two, again.Three)",
      },
      { path: "src/links.py", text: "from bowline import Resource as R\ntable = R.Table" },
      { path: "src/more.py", text: "from .links import R as again" },
      { path: "src/__init__.py", text: "" },
    ]);
    expect(links.map(({ file, link, property }) => [file, link, property])).toEqual([
      ["src/handler.py", "One", undefined],
      ["src/handler.py", "Table", "name"],
      ["src/handler.py", "Two", undefined],
      ["src/handler.py", "Three", undefined],
      ["src/links.py", "Table", undefined],
    ]);
  });

  test("of a folder of handlers, only what the handler imports, wherever it does", async () => {
    const { links } = await pythonReads([
      { path: "src/handler.py", text: "def f():\n    from src.pack import inner", entry: true },
      { path: "src/pack/__init__.py", text: `${sdk}use(Resource.Package)` },
      { path: "src/pack/inner.py", text: "from . import deep" },
      { path: "src/pack/deep.py", text: `${sdk}use(Resource.Deep)` },
      { path: "src/other.py", text: `${sdk}use(Resource.Other)` },
    ]);
    expect(links.map(({ link }) => link)).toEqual(["Package", "Deep"]);
  });

  test("the typed module that Bowline writes is read by Python names, and is itself nobody's", async () => {
    const { links } = await pythonReads([
      {
        path: "src/handler.py",
        text: "from stlv_resources import Resources\nuse(Resources.my_table.table_name)",
        entry: true,
      },
      { path: "src/stlv_resources.py", text: `${sdk}Resource["old"]` },
    ]);
    expect(links).toEqual([{ file: "src/handler.py", line: 2, column: 15, link: "my_table", typed: true }]);
  });

  test("a file that does not parse is named", async () => {
    await expect(reads("def f(:\n")).rejects.toThrow("src/handler.py:1:7: invalid syntax");
  });

  test("a missing interpreter is named", async () => {
    await expect(pythonReads([{ path: "a.py", text: "" }], "no-such-python")).rejects.toThrow(
      "no-such-python cannot read",
    );
  });
});
