/**
 * `npm run bench [-- engine | pulumi | cloud | lambda | resource | types …] [--write]`: measures, side by side, and prints tables of
 * medians; `--write` puts them into RESULTS.md as well.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { machine, type Table, writeSection } from "./results.ts";

interface Bench {
  readonly versions: () => string;
  readonly run: () => Promise<Table[]>;
}

function versionOf(name: string, modules = "../node_modules"): string {
  const manifest = new URL(`${modules}/${name}/package.json`, import.meta.url);
  return `${name} ${(JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version}`;
}

/** Of a package of the interpreter that the benches are given. */
function versionOfPython(name: string): string[] {
  const python = process.env.BOWLINE_BENCH_PYTHON;
  if (python === undefined) return [];
  const program = `import importlib.metadata as m; print(m.version("${name}"))`;
  return [`${name} ${execFileSync(python, ["-c", program], { encoding: "utf8" }).trim()}`];
}
const peers = "./peers/node_modules";

const BENCHES: Readonly<Record<string, Bench>> = {
  engine: {
    versions: () => versionOf("@pulumi/pulumi"),
    async run() {
      const { benchEngine } = await import("./engine.ts");
      return [{ title: "Milliseconds for a run of so many resources.", rows: await benchEngine() }];
    },
  },
  pulumi: {
    versions: () => versionOf("@pulumi/pulumi"),
    async run() {
      const { benchPulumi } = await import("./pulumi.ts");
      const title =
        "Milliseconds from starting the process to its end; the same provider, for Pulumi's engine served as its plugin.";
      return [{ title, rows: await benchPulumi() }];
    },
  },
  cloud: {
    versions: () =>
      [versionOf("fauxqs", peers), versionOf("dynalite", peers), ...versionOfPython("moto")].join(", "),
    async run() {
      const { benchCloud, benchStart } = await import("./cloud.ts");
      const rows = await benchCloud();
      return [
        { title: "Requests in a second; ours checks signature and policies, the peers check neither.", rows },
        {
          title: "Milliseconds from starting the process to its first answered call.",
          rows: [{ bowline: Math.round(await benchStart()) }],
        },
      ];
    },
  },
  lambda: {
    versions: () => "each runtime against its own bare interpreter",
    async run() {
      const { benchLambda } = await import("./lambda.ts");
      return [{ title: "Milliseconds.", rows: await benchLambda() }];
    },
  },
  resource: {
    versions: () => [versionOf("sst"), ...versionOfPython("sst-sdk")].join(", "),
    async run() {
      const { benchResource, resourceBundleSizes } = await import("./resource.ts");
      return [
        { title: "Milliseconds to import and read the first of 20 links.", rows: await benchResource() },
        { title: "Bytes of a minified program that reads a link.", rows: [await resourceBundleSizes()] },
      ];
    },
  },
  types: {
    versions: () => "the built command",
    async run() {
      const { benchTypes } = await import("./types.ts");
      return [{ title: "Milliseconds of `bowline types`, from start to end.", rows: [await benchTypes()] }];
    },
  },
};

const asked = process.argv.slice(2);
const write = asked.includes("--write");
const names = asked.filter((name) => name !== "--write");
const unknown = names.find((name) => !Object.hasOwn(BENCHES, name));
if (unknown !== undefined) {
  console.error(`There is no bench "${unknown}". There are ${Object.keys(BENCHES).join(", ")}.`);
  process.exitCode = 2;
} else {
  console.log(machine());
  for (const name of names.length > 0 ? names : Object.keys(BENCHES)) {
    const bench = BENCHES[name];
    if (!bench) continue;
    const tables = await bench.run();
    console.log(`\n${name}: ${bench.versions()}`);
    for (const { title, rows } of tables) {
      console.log(title);
      console.table(rows);
    }
    if (write) writeSection(name, bench.versions(), tables);
  }
}
