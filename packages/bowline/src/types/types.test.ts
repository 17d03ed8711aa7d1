import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { afterAll, describe, expect, test } from "vitest";
import type { TypedConsumer, TypedLink, TypesInput } from "./input.ts";
import { pythonAttribute, pythonClassName } from "./python-names.ts";
import { pythonResources } from "./python-resources.ts";
import { pythonStub, pythonStubs } from "./python-stub.ts";
import { mergeShapes, objectShapeOf, shapeOf } from "./shape.ts";
import { stelvioEnvironment } from "./stelvio.ts";
import { typescriptTypes } from "./typescript.ts";

const folder = mkdtempSync(join(tmpdir(), "bowline-types-"));
afterAll(() => rmSync(folder, { recursive: true }));

const values = {
  todos: { type: "bowline:aws:Dynamo", value: { name: "todos-x1", arn: "arn:todos" } },
  "custom-config": {
    type: "bowline:Linkable",
    value: {
      api_url: "https://example.com",
      timeout: 30,
      debug: false,
      nothing: null,
      "a-b": "dash",
      class: "keyword",
      items: ["x"],
      mixed: [1, "a", null],
      empty: [],
      nested: { deep: { "odd key": true }, list: [{ a: 1 }, { a: 2, b: "x" }] },
    },
  },
  StripeKey: { type: "bowline:Secret", value: { value: "sk_live_canary" } },
} as const;

const links: Record<string, TypedLink> = Object.fromEntries(
  Object.entries(values).map(([name, { type, value }]) => [name, { type, shape: objectShapeOf(value) }]),
);

const consumer = (name: string, runtime: string, own: Record<string, TypedLink>): TypedConsumer => ({
  name,
  runtime,
  handlerDir: "src",
  links: own,
});

const input: TypesInput = {
  consumers: [
    consumer("Api", "nodejs24.x", links),
    consumer("Report", "python3.12", links),
    consumer("Only", "nodejs24.x", { todos: links.todos as TypedLink }),
  ],
};

describe("shapes", () => {
  test.each([
    ["a number", 1, { kind: "number" }],
    ["null", null, { kind: "null" }],
    ["what is not known", undefined, { kind: "unknown" }],
    ["an empty list", [], { kind: "array", items: { kind: "unknown" } }],
    [
      "a mixed list",
      [null, 1, "a", 2],
      {
        kind: "array",
        items: { kind: "union", members: [{ kind: "string" }, { kind: "number" }, { kind: "null" }] },
      },
    ],
    [
      "a list of objects that differ",
      [{ a: 1 }, { a: 1, b: [] }],
      {
        kind: "array",
        items: {
          kind: "object",
          properties: { a: { kind: "number" }, b: { kind: "array", items: { kind: "unknown" } } },
          optional: ["b"],
        },
      },
    ],
  ])("of %s", (_title, value, shape) => expect(shapeOf(value)).toEqual(shape));

  test("do not depend on the order they are merged in", () => {
    const shapes = [1, "a", null, [1], ["a"], { x: 1 }, { y: null }, [[]]].map(shapeOf);
    const json = (list: typeof shapes) =>
      typescriptTypes({
        consumers: [
          consumer("A", "nodejs", {
            L: { type: "t", shape: { kind: "object", properties: { p: mergeShapes(list) } } },
          }),
        ],
      });
    expect(json(shapes.toReversed())).toBe(json(shapes));
  });
});

/** The complaints of the real compiler about a program that uses the generated declarations. */
function compile(program: string): string[] {
  const files: Record<string, string> = {
    [join(folder, "bowline-env.d.ts")]: typescriptTypes(input),
    [join(folder, "program.ts")]: `import { Resource } from "bowline";\n${program}`,
  };
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    types: [],
    paths: { bowline: [fileURLToPath(new URL("../resource/index.ts", import.meta.url))] },
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (path) => path in files || fileExists(path);
  host.readFile = (path) => files[path] ?? readFile(path);
  host.getSourceFile = (path, version) => {
    const text = files[path];
    return text === undefined ? getSourceFile(path, version) : ts.createSourceFile(path, text, version);
  };
  const checked = ts.createProgram(Object.keys(files), options, host);
  return ts
    .getPreEmitDiagnostics(checked)
    .filter((problem) => problem.file && problem.file.fileName in files)
    .map((problem) => ts.flattenDiagnosticMessageText(problem.messageText, "\n"));
}

describe("bowline-env.d.ts", () => {
  test("types what is linked, with every shape kept", () => {
    expect(
      compile(`
        const name: string = Resource.todos.name;
        const type: "bowline:aws:Dynamo" = Resource.todos.type;
        const config = Resource["custom-config"];
        const timeout: number = config.timeout;
        const nothing: null = config.nothing;
        const dash: string = config["a-b"];
        const mixed: readonly (string | number | null)[] = config.mixed;
        const odd: boolean = config.nested.deep["odd key"];
        const b: string | undefined = config.nested.list[0]?.b;
        const own: string = Resource.for("Only").todos.arn;
        const stage: string = Resource.for("Only").App.stage;
        export { name, type, timeout, nothing, dash, mixed, odd, b, own, stage };
      `),
    ).toEqual([]);
  });

  test.each([
    ["a property a link does not have", "Resource.todos.tableName;", "Property 'tableName' does not exist"],
    ["a name that is not linked", "Resource.NonExistent;", "Property 'NonExistent' does not exist"],
    ["a link another consumer has", 'Resource.for("Only").StripeKey;', "Property 'StripeKey' does not exist"],
    ["a consumer that is not there", 'Resource.for("Nobody");', "is not assignable to parameter"],
    ["a change", 'Resource.todos.name = "x";', "read-only"],
  ])("refuses %s", (_title, program, complaint) => {
    expect(compile(program)).toEqual([expect.stringContaining(complaint)]);
  });

  test("is the same whatever the order, and has no values", () => {
    const reversed = (record: Record<string, TypedLink>) =>
      Object.fromEntries(Object.entries(record).reverse());
    const shuffled = {
      consumers: input.consumers.map((one) => ({ ...one, links: reversed(one.links) })).toReversed(),
    };
    expect(typescriptTypes(shuffled)).toBe(typescriptTypes(input));
    expect(pythonStub(shuffled)).toBe(pythonStub(input));
    for (const text of [
      typescriptTypes(input),
      pythonStub(input),
      pythonResources(input.consumers[0] as TypedConsumer, "stelvio"),
    ]) {
      expect(text).not.toMatch(/sk_live|todos-x1|example\.com/);
    }
  });

  test("keeps what two links of one name have in common", () => {
    const text = typescriptTypes({
      consumers: [
        consumer("A", "nodejs", { L: { type: "t", shape: objectShapeOf({ a: 1, b: "x" }) } }),
        consumer("B", "nodejs", { L: { type: "t", shape: objectShapeOf({ a: "y" }) } }),
      ],
    });
    expect(text).toContain("a: string | number;");
    expect(text).toContain("b?: string;");
    expect(text).not.toContain("Pick<");
  });
});

describe("Python names", () => {
  test.each([
    ["myAPITest", "MyApiTest", "my_api_test"],
    ["XMLParser", "XmlParser", "xml_parser"],
    ["1test", "OneTest", "one_test"],
    ["custom-config", "CustomConfig", "custom_config"],
    ["my_table2", "MyTable2", "my_table2"],
    ["class", "Class", "class_"],
    ["None", "None", "none"],
  ])("%s", (name, className, attribute) => {
    expect([pythonClassName(name), pythonAttribute(name)]).toEqual([className, attribute]);
  });

  test("that become one are refused, naming both", () => {
    const both = consumer("Report", "python3.12", {
      "my-table": links.todos as TypedLink,
      my_table: links.todos as TypedLink,
    });
    expect(() => pythonResources(both, "bowline")).toThrow(
      'Report: "my-table" and "my_table" are both called "my_table"',
    );
  });
});

const python = spawnSync("python3", ["--version"]);
if (python.error) console.warn(`Generated Python is not run: ${python.error.message}.`);

describe.skipIf(python.error)("generated Python", () => {
  const report = input.consumers[1] as TypedConsumer;
  const wire = Object.fromEntries(
    Object.entries(values).map(([name, { type, value }]) => [
      `SST_RESOURCE_${name}`,
      JSON.stringify({ ...value, type }),
    ]),
  );

  /** What a handler that imports `module` prints, beside the module and with the SDK at hand. */
  function run(file: string, text: string, env: Record<string, string>, program: string): unknown {
    const place = mkdtempSync(join(folder, "python-"));
    writeFileSync(join(place, file), text);
    writeFileSync(join(place, "handler.py"), `import json\n${program}`);
    const sdk = fileURLToPath(new URL("../../../python/src", import.meta.url));
    const answer = spawnSync("python3", ["-B", join(place, "handler.py")], {
      env: { PATH: process.env.PATH, PYTHONPATH: sdk, ...env },
      encoding: "utf8",
    });
    if (answer.status !== 0) throw new Error(answer.stderr);
    return JSON.parse(answer.stdout);
  }

  test("reads every link under its Python name", () => {
    const program = `
from bowline_resources import Resources
c = Resources.custom_config
print(json.dumps([Resources.todos.table_name, c.api_url, c.timeout, c.debug, c.nothing, c.a_b, c.class_, c.items, c.nested["list"][1]["b"], Resources.stripe_key.value]))
`;
    expect(run("bowline_resources.py", pythonResources(report, "bowline"), wire, program)).toEqual([
      "todos-x1",
      "https://example.com",
      30,
      false,
      null,
      "dash",
      "keyword",
      ["x"],
      "x",
      "sk_live_canary",
    ]);
  });

  test("reads Stelvio's variables, and what is secret from the link", () => {
    const { todos, "custom-config": config } = values;
    const env = {
      ...stelvioEnvironment("todos", todos.type, todos.value),
      ...stelvioEnvironment("custom-config", config.type, config.value),
      SST_RESOURCE_StripeKey: wire.SST_RESOURCE_StripeKey as string,
    };
    expect(env).toMatchObject({
      STLV_TODOS_TABLE_NAME: "todos-x1",
      STLV_TODOS_TABLE_ARN: "arn:todos",
      STLV_CUSTOM_CONFIG_API_URL: "https://example.com",
      STLV_CUSTOM_CONFIG_TIMEOUT: "30",
    });
    const program = `
from stlv_resources import Resources
print(json.dumps([Resources.todos.table_arn, Resources.custom_config.timeout, Resources.custom_config.nested["deep"], Resources.stripe_key.value]))
`;
    expect(run("stlv_resources.py", pythonResources(report, "stelvio"), env, program)).toEqual([
      "arn:todos",
      30,
      { "odd key": true },
      "sk_live_canary",
    ]);
  });

  test("parses for every legal name and any property", () => {
    const names = ["class", "None", "x-1", "A_b", "self", "print", "Resource", "Final", "List", "os", "json"];
    const properties = objectShapeOf(
      Object.fromEntries(
        [...names, "", "1", "é", '"', "\\", "\n", "😀", "__proto__", "self"].map((name) => [
          name,
          { [name]: 1 },
        ]),
      ),
    );
    const odd = consumer(
      "Odd",
      "python3.12",
      Object.fromEntries(names.map((name) => [name, { type: "t", shape: properties }])),
    );
    const texts = [
      pythonResources(odd, "bowline"),
      pythonResources(odd, "stelvio"),
      pythonResources({ name: "None", links: {} }, "bowline"),
      pythonStub({ consumers: [odd] }),
    ];
    const check = spawnSync(
      "python3",
      ["-c", "import ast, json, sys\nfor text in json.load(sys.stdin): ast.parse(text)"],
      { input: JSON.stringify(texts), encoding: "utf8" },
    );
    expect(check.stderr).toBe("");
    for (const dialect of ["bowline", "stelvio"] as const) {
      const file = dialect === "bowline" ? "bowline_resources" : "stlv_resources";
      expect(run(`${file}.py`, pythonResources(odd, dialect), {}, `import ${file}\nprint("[]")`)).toEqual([]);
    }
  });

  const pyright = process.env.BOWLINE_PYRIGHT;
  test.skipIf(!pyright)(
    "passes pyright's strict mode",
    () => {
      const project = mkdtempSync(join(folder, "pyright-"));
      const sdk = fileURLToPath(new URL("../../../python/src", import.meta.url));
      const files = {
        "pyrightconfig.json": JSON.stringify({
          typeCheckingMode: "strict",
          pythonVersion: "3.9",
          extraPaths: [sdk],
        }),
        ...pythonStubs(input),
        "bowline_resources.py": pythonResources(report, "bowline"),
        "stlv_resources.py": pythonResources(report, "stelvio"),
        "handler.py": `from bowline import Resource
from bowline_resources import Resources
import stlv_resources
from bowline.testing import resources
with resources({"Orders": {"name": "x"}}):
    pass
name: str = Resource.todos.name
dash: str = Resource["custom-config"]["a-b"]
rate: float = Resources.custom_config.timeout
arn: str = stlv_resources.Resources.todos.table_arn
deep: bool = Resources.custom_config.nested["deep"]["odd key"]
`,
      };
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(project, path)), { recursive: true });
        writeFileSync(join(project, path), text);
      }
      const check = spawnSync(pyright as string, ["-p", project], { encoding: "utf8" });
      expect(check.stdout).toContain("0 errors, 0 warnings");
      writeFileSync(
        join(project, "wrong.py"),
        "from bowline import Resource\nResource.Nope\nResource.todos.tableName\n",
      );
      const wrong = spawnSync(pyright as string, ["-p", project], { encoding: "utf8" });
      expect(wrong.stdout).toContain('"Nope"');
      expect(wrong.stdout).toContain('"tableName"');
    },
    120_000,
  );
});
