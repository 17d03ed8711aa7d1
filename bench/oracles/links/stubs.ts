/** Holds the Python that `bowline types` writes to pyright's strict mode. */
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { AppFolder } from "../../../packages/bowline/src/cli/e2e/app-folder.ts";
import { report } from "../lane.ts";
import { python } from "../moto.ts";

const sdk = fileURLToPath(new URL("../../../packages/python/src", import.meta.url));

/** Reads that are right, and after them reads that are wrong, each with what pyright should say. */
const RIGHT = `
from bowline import Resource
from bowline.testing import resources
from bowline_resources import Resources
from stlv_resources import Resources as Stelvio

with resources({"Orders": {"name": "x"}}):
    pass
name: str = Resource.Orders.name
dashed: str = Resource["custom-config"]["api_url"]
secret: str = Resources.stripe_key.value
number: float = Resources.settings.negative
deep: str = Resources.settings.nested["a"]["b"]["c"]
url: str = Stelvio.jobs.queue_url
table: str = Stelvio.orders.table_name
`;
const WRONG: Readonly<Record<string, string>> = {
  "Resource.Nothing": '"Nothing"',
  "Resource.Orders.tableName": '"tableName"',
  "Resources.settings.negative.upper()": '"upper"',
  "Resources.nothing": '"nothing"',
  "Stelvio.orders.arn": '"arn"',
  'Resource["Orders"]["nothing"]': "__getitem__",
};

interface Diagnostic {
  readonly file: string;
  readonly severity: string;
  readonly message: string;
  readonly range: { readonly start: { readonly line: number } };
}

export async function compareStubs(app: AppFolder): Promise<void> {
  const { code, stderr } = await app.bowline("types", "--stage", "t");
  if (code !== 0) throw new Error(stderr);
  const imports = RIGHT.split("\n").filter((line) => /^from \w+ import/.test(line));
  const wrong = [...imports, ...Object.keys(WRONG).map((read, index) => `read_${index} = ${read}`)];
  app.write({
    "pyrightconfig.json": JSON.stringify({
      typeCheckingMode: "strict",
      pythonVersion: "3.9",
      include: ["typings", "py/bowline_resources.py", "stelvio/stlv_resources.py", "right.py", "wrong.py"],
      extraPaths: [sdk, "py", "stelvio"],
    }),
    "right.py": RIGHT,
    "wrong.py": `${wrong.join("\n")}\n`,
  });
  const found = diagnostics(app.dir);
  const unwanted = found.filter(
    ({ file, severity }) => !file.endsWith("wrong.py") && severity !== "information",
  );
  const missed = Object.entries(WRONG).filter(
    ([, said], index) =>
      !found.some(
        ({ file, message, range }) =>
          file.endsWith("wrong.py") && range.start.line === imports.length + index && message.includes(said),
      ),
  );
  for (const { file, message, range } of unwanted) console.log(`${file}:${range.start.line + 1}: ${message}`);
  for (const [read] of missed) console.log(`pyright lets ${read} through`);
  const checks = Object.keys(WRONG).length + 1;
  console.log(
    `pyright strict: ${unwanted.length} complaints of what is right, ${checks - 1 - missed.length} of ${checks - 1} mistakes found`,
  );
  report({
    part: "pyright strict",
    cases: checks,
    explained: 0,
    unexplained: unwanted.length + missed.length,
  });
}

function diagnostics(project: string): readonly Diagnostic[] {
  const command = join(dirname(python), "pyright");
  const run = spawnSync(command, ["-p", project, "--outputjson"], {
    encoding: "utf8",
    // The Node that runs this is the one that pyright takes, rather than one it would fetch.
    env: { ...process.env, PATH: `${dirname(process.execPath)}:${process.env.PATH}` },
    maxBuffer: 1 << 26,
  });
  const start = run.stdout?.indexOf("{") ?? -1;
  if (start < 0) throw new Error(`${command} did not run: ${run.error?.message ?? run.stdout + run.stderr}`);
  return (JSON.parse(run.stdout.slice(start)) as { generalDiagnostics: Diagnostic[] }).generalDiagnostics;
}
