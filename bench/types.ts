/** What `bowline types` takes on an app of 100 functions, as users run it: the built command, from start to end. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { median } from "./median.ts";

const WORKSPACE = fileURLToPath(new URL("..", import.meta.url));

/** Medians of several runs, in milliseconds. */
export interface TypesFigures {
  readonly functions: number;
  readonly wall: number;
  /** What the processors worked, whatever else the machine did. */
  readonly user: number;
  readonly system: number;
}

/** @example console.table([await benchTypes()]); */
export async function benchTypes(functions = 100, runs = 5): Promise<TypesFigures> {
  const folder = typesApp(functions);
  try {
    const times: Times[] = [];
    // The first fills Node's cache of compiled code, which every later one has.
    await measure(folder, functions);
    for (let run = 0; run < runs; run++) times.push(await measure(folder, functions));
    const of = (pick: (times: Times) => number) => Math.round(median(times.map(pick)));
    return {
      functions,
      wall: of(({ wall }) => wall),
      user: of(({ user }) => user),
      system: of(({ system }) => system),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** An app of functions with four links each, among tables, buckets, queues, secrets and values. */
export function typesApp(functions: number): string {
  const folder = mkdtempSync(join(tmpdir(), "bowline-bench-types-"));
  symlinkSync(join(WORKSPACE, "node_modules"), join(folder, "node_modules"));
  mkdirSync(join(folder, "src"));
  const handlers = Array.from({ length: functions }, (_, index) => `F${index}`);
  for (const name of handlers) {
    writeFileSync(
      join(folder, "src", `${name}.ts`),
      'import { Resource } from "bowline";\nexport const handler = async () => Object.keys(Resource);\n',
    );
  }
  writeFileSync(
    join(folder, "bowline.config.ts"),
    `import { aws, defineConfig, Linkable, Secret } from "bowline/config";
export default defineConfig({
  app: () => ({ name: "large" }),
  run() {
    const of = <T>(count: number, make: (index: number) => T) => Array.from({ length: count }, (_, index) => make(index));
    const tables = of(25, (i) => new aws.Dynamo(\`Table\${i}\`, { fields: { id: "string" }, primaryIndex: { hashKey: "id" } }));
    const buckets = of(15, (i) => new aws.Bucket(\`Bucket\${i}\`));
    const queues = of(10, (i) => new aws.Queue(\`Queue\${i}\`));
    const secrets = of(10, (i) => new Secret(\`Secret\${i}\`));
    const values = of(10, (i) => new Linkable(\`Values\${i}\`, { properties: { url: "https://example.com", retries: i } }));
    for (const [i, name] of ${JSON.stringify(handlers)}.entries()) {
      const link = [tables[i % 25]!.link("read"), buckets[i % 15]!, queues[i % 10]!, i % 2 ? secrets[i % 10]! : values[i % 10]!];
      new aws.Function(name, { handler: \`src/\${name}.handler\`, link });
    }
  },
});
`,
  );
  return folder;
}

interface Times {
  readonly wall: number;
  readonly user: number;
  readonly system: number;
}

/** One run, its children included: the shell knows what they took. */
function measure(cwd: string, functions: number): Promise<Times> {
  rmSync(join(cwd, "bowline-env.d.ts"), { force: true });
  const command = 'time -p "$0" "$@"';
  const bowline = join(WORKSPACE, "packages/bowline/bin/bowline.mjs");
  const env = { ...process.env, XDG_CONFIG_HOME: join(cwd, "home"), NODE_OPTIONS: "" };
  const child = spawn("bash", ["-c", command, process.execPath, bowline, "types"], { cwd, env });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", () => {
      const seconds = (name: string) => Number(new RegExp(`^${name} ([0-9.]+)$`, "m").exec(said)?.[1]) * 1000;
      const times = { wall: seconds("real"), user: seconds("user"), system: seconds("sys") };
      const written = said.includes("wrote bowline-env.d.ts");
      const told = written
        ? readFileSync(join(cwd, "bowline-env.d.ts"), "utf8").match(/^ {4}F\d+: Pick/gm)?.length
        : 0;
      if (told === functions && !Number.isNaN(times.wall)) resolve(times);
      else reject(new Error(said));
    });
  });
}

if (import.meta.main) console.table([await benchTypes()]);
