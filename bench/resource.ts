/** What importing an SDK and reading the first of 20 links costs, beside SST's own SDKs. */
import { spawnSync } from "node:child_process";
import { createCipheriv, randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { median } from "./median.ts";

/** Milliseconds in the process, medians; and what is left of the peer's. */
export interface ResourceFigures {
  readonly language: "TypeScript" | "Python";
  readonly source: "variables" | "resource.enc";
  readonly bowline: number;
  readonly sst: number;
  readonly ratio: number;
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const links = Object.fromEntries(
  Array.from({ length: 20 }, (_, index) => [
    `Link${index}`,
    {
      name: `shop-dev-link-${index}-a1b2c3d4`,
      arn: `arn:aws:s3:::shop-dev-link-${index}-a1b2c3d4`,
      type: "aws.Bucket",
    },
  ]),
);

const app = { SST_RESOURCE_App: '{"name":"shop","stage":"dev"}' };

const variables = {
  ...app,
  ...Object.fromEntries(
    Object.entries(links).map(([name, link]) => [`SST_RESOURCE_${name}`, JSON.stringify(link)]),
  ),
};

async function encrypted(folder: string): Promise<Record<string, string>> {
  const key = randomBytes(32);
  const file = join(folder, "resource.enc");
  const cipher = createCipheriv("aes-256-gcm", key, Buffer.alloc(12));
  await writeFile(
    file,
    Buffer.concat([cipher.update(JSON.stringify(links)), cipher.final(), cipher.getAuthTag()]),
  );
  return { ...app, SST_KEY_FILE: file, SST_KEY: key.toString("base64") };
}

const nodeProgram = (module: string): string[] => [
  "--input-type=module",
  "--eval",
  `const start = performance.now();
   const { Resource } = await import(${JSON.stringify(module)});
   if (!Resource.Link7.name.includes("link-7")) throw new Error("not read");
   console.log(performance.now() - start);`,
];

const pythonProgram = (module: string): string[] => [
  "-c",
  `import time
start = time.perf_counter()
from ${module} import Resource
assert "link-7" in Resource.Link7.name
print((time.perf_counter() - start) * 1000)`,
];

function milliseconds(command: string, args: string[], env: Record<string, string>): number {
  const run = spawnSync(command, args, { env: { PATH: process.env.PATH, ...env }, encoding: "utf8" });
  if (run.status !== 0) throw new Error(run.stderr);
  return Number(run.stdout);
}

/** The medians of two commands that take turns, so that both see the same machine. */
function compare(processes: number, ours: () => number, theirs: () => number): [number, number] {
  const times: [number[], number[]] = [[], []];
  ours();
  theirs();
  for (let turn = 0; turn < processes; turn++) {
    times[0].push(ours());
    times[1].push(theirs());
  }
  return [median(times[0]), median(times[1])];
}

/**
 * @param python An interpreter that has `sst-sdk`; without one, Python is left out and the table says so.
 * @example
 * console.table(await benchResource());
 */
export async function benchResource(
  processes = 21,
  python = process.env.BOWLINE_BENCH_PYTHON ?? "python3",
): Promise<ResourceFigures[]> {
  const folder = await mkdtemp(join(tmpdir(), "bowline-bench-"));
  try {
    const module = join(folder, "resource.mjs");
    await build({
      entryPoints: [here("../packages/bowline/src/resource/index.ts")],
      outfile: module,
      bundle: true,
      format: "esm",
      logLevel: "silent",
    });
    const sst = here("../node_modules/sst/dist/index.js");
    const ownPython = { PYTHONPATH: here("../packages/python/src") };
    const hasPython = spawnSync(python, ["-c", "import sst"]).status === 0;
    if (!hasPython)
      console.warn(`${python} has no sst-sdk, so Python is left out. Set BOWLINE_BENCH_PYTHON.`);

    const environments = { variables, "resource.enc": await encrypted(folder) } as const;
    const figures: ResourceFigures[] = [];
    for (const source of ["variables", "resource.enc"] as const) {
      const env: Record<string, string> = environments[source];
      const add = (language: ResourceFigures["language"], [bowline, peer]: [number, number]) =>
        figures.push({ language, source, bowline, sst: peer, ratio: bowline / peer });
      add(
        "TypeScript",
        compare(
          processes,
          () => milliseconds(process.execPath, nodeProgram(module), env),
          () => milliseconds(process.execPath, nodeProgram(sst), env),
        ),
      );
      if (!hasPython) continue;
      add(
        "Python",
        compare(
          processes,
          () => milliseconds(python, pythonProgram("bowline"), { ...env, ...ownPython }),
          () => milliseconds(python, pythonProgram("sst"), env),
        ),
      );
    }
    return figures;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Bytes of a minified program that imports `Resource` and reads from it. */
export async function resourceBundleSizes(): Promise<{ readonly bowline: number; readonly sst: number }> {
  const size = async (module: string): Promise<number> => {
    const { outputFiles } = await build({
      stdin: {
        contents: `import { Resource } from ${JSON.stringify(module)}; console.log(Resource.A.name);`,
        resolveDir: here("."),
      },
      bundle: true,
      minify: true,
      write: false,
      format: "esm",
      platform: "node",
    });
    return outputFiles[0]?.text.length ?? Number.NaN;
  };
  return {
    bowline: await size(here("../packages/bowline/src/resource/index.ts")),
    sst: await size(here("../node_modules/sst/dist/resource/index.js")),
  };
}

if (import.meta.main) {
  console.table(await benchResource());
  console.table(await resourceBundleSizes());
}
