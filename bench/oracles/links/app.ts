/** The test app: every kind of link there is, and so many that most are encrypted. */

/** Linkables besides the components: more than Lambda's 4 KB of variables hold. */
const FILLERS = 60;

export const SECRET = 'sk_test "quoted"\nsecond line é 🪢 #no comment';

const fillers = Array.from({ length: FILLERS }, (_, i) => `Filler${i}`);

/** What both functions are linked to. */
export const LINKS = [
  "Files",
  "Orders",
  "Jobs",
  "Paid",
  "Events",
  "Api",
  "Worker",
  "StripeKey",
  "Settings",
  "custom-config",
  ...fillers,
];

const names = JSON.stringify(["App", ...LINKS]);

/** Unmodified: nothing in it knows of Bowline. */
const PYTHON_READER = `
import json
from sst import Resource

NAMES = json.loads(${JSON.stringify(names)})


def plain(value):
    if isinstance(value, list):
        return [plain(one) for one in value]
    if hasattr(value, "__dict__"):
        return {key: plain(one) for key, one in vars(value).items()}
    return value


def read():
    return {name: plain(getattr(Resource, name)) for name in NAMES}
`;

/** A handler as Stelvio's users write it, and what it should answer. */
const STELVIO_HANDLER = `
from stlv_resources import Resources


def handler(event, context):
    return [
        Resources.files.bucket_name,
        Resources.orders.table_name,
        Resources.orders.table_arn,
        Resources.jobs.queue_url,
        Resources.paid.topic_arn,
        Resources.worker.function_name,
        Resources.stripe_key.value,
        Resources.settings.text,
        Resources.settings.list,
        Resources.settings.nested,
        Resources.custom_config.api_url,
    ]
`;

/** The links and properties that the Stelvio handler reads, by their own names. */
export const STELVIO_READS: readonly (readonly [link: string, property: string])[] = [
  ["Files", "name"],
  ["Orders", "name"],
  ["Orders", "arn"],
  ["Jobs", "url"],
  ["Paid", "arn"],
  ["Worker", "name"],
  ["StripeKey", "value"],
  ["Settings", "text"],
  ["Settings", "list"],
  ["Settings", "nested"],
  ["custom-config", "api_url"],
];

const NODE_READER = `
import { Resource } from "sst";
export const read = () => Object.fromEntries(${names}.map((name) => [name, Resource[name]]));
`;

export function appFiles(python: string): Record<string, string> {
  return {
    "bowline.config.ts": `
      import { aws, defineConfig, Linkable, Link, Secret } from "bowline/config";
      export default defineConfig({
        app: () => ({ name: "oracle" }),
        run() {
          const links = [
            new aws.Bucket("Files"),
            new aws.Dynamo("Orders", { fields: { id: "string" }, primaryIndex: { hashKey: "id" } }),
            new aws.Queue("Jobs"),
            new aws.SnsTopic("Paid"),
            new aws.Bus("Events"),
            new aws.ApiGatewayV2("Api"),
            new aws.Function("Worker", { handler: "src/worker.handler", url: true }),
            new Secret("StripeKey"),
            new Linkable("Settings", { properties: {
              text: "é 🪢 \\"quoted\\" \\\\ line\\nbreak", empty: "", zero: 0, negative: -1.5, large: 1e21, yes: true, no: false,
              nothing: null, list: [1, "a", null, [true, { deep: [] }]], nested: { a: { b: { c: "d" } }, none: {} },
            } }),
            new Linkable("custom-config", { properties: { api_url: "https://example.com/api" } }),
            ...Array.from({ length: ${FILLERS} }, (_, i) => new Linkable("Filler" + i, { properties: { text: "x".repeat(100), i } })),
          ];
          // Without the fillers: Stelvio has a variable for every property, and Lambda 4 KB for all of them.
          new aws.Function("StelvioReader", {
            handler: "stelvio/main.handler", runtime: "python3.12", python: { resources: "stelvio" }, url: true,
            link: links.slice(0, -${FILLERS}),
          });
          new aws.Function("NodeReader", { handler: "src/node.handler", url: true, link: links });
          new aws.Function("PythonReader", { handler: "py/main.handler", runtime: "python3.12", url: true, link: links });
        },
      });`,
    "src/worker.ts": "export const handler = async () => 'ok';",
    "src/read.mjs": NODE_READER,
    "src/node.ts":
      'import { read } from "./read.mjs";\nexport const handler = async () => ({ file: process.env.SST_KEY_FILE, links: read() });',
    "py/requirements.txt": "sst-sdk\n",
    "py/read.py": PYTHON_READER,
    "py/main.py": `
import os
from read import read


def handler(event, context):
    return {"file": os.environ.get("SST_KEY_FILE"), "links": read()}
`,
    "stelvio/main.py": STELVIO_HANDLER,
    // The reference is what stands in the variables, read by nobody's SDK.
    "ask.mjs": `
      import { execFileSync } from "node:child_process";
      import { read } from "./src/read.mjs";
      const reference = Object.fromEntries(${names}.map((name) => [name, JSON.parse(process.env["SST_RESOURCE_" + name])]));
      const ask = async (name) => (await fetch(JSON.parse(process.env["SST_RESOURCE_" + name]).url)).json();
      const program = "import json, sys; sys.path.insert(0, 'py'); from read import read; print(json.dumps(read()))";
      console.log(JSON.stringify({
        reference,
        stelvio: await ask("StelvioReader"),
        lambda: { npm: await ask("NodeReader"), pypi: await ask("PythonReader") },
        variables: { npm: read(), pypi: JSON.parse(execFileSync(${JSON.stringify(python)}, ["-c", program], { encoding: "utf8" })) },
      }));`,
  };
}
