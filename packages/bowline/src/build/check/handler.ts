import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { App } from "../../config/app.ts";
import { BowlineError, combineErrors } from "../../error.ts";
import { findPython } from "../python-interpreter.ts";
import type { BuildRequest } from "../request.ts";
import { type CheckedConsumer, checkReads } from "./findings.ts";
import { javascriptReads } from "./javascript.ts";
import { pythonReads } from "./python.ts";
import type { Reads, SourceModule } from "./reads.ts";

/** Compares what a handler's own code reads with what the function is linked to: errors stop the run, the rest is told. */
export async function checkHandler(
  app: App,
  request: BuildRequest,
  links: CheckedConsumer["links"],
  modules: readonly SourceModule[],
  more: Pick<CheckedConsumer, "env" | "unknown"> = {},
): Promise<void> {
  const reads = await cached(app.artifacts, request.runtime, modules, () => read(request, modules));
  const findings = checkReads({ name: request.consumer, links, ...more }, reads, app.names());
  app.found(findings);
  const errors = findings.filter(({ severity }) => severity === "error");
  if (errors.length > 0) {
    throw combineErrors(errors.map(({ kind, message, hint }) => new BowlineError(kind, message, { hint })));
  }
  const warnings = findings.filter(({ severity }) => severity === "warning");
  if (warnings.length > 0 && (await isNews(app.artifacts, [request.consumer, links, modules])))
    for (const { message, hint } of warnings) app.warn(message, hint);
}

/** The same warning of the same code and links is told once; `bowline check` tells all of them each time. */
async function isNews(artifacts: string, about: unknown): Promise<boolean> {
  const hash = createHash("sha256").update(JSON.stringify(about)).digest("hex").slice(0, 32);
  await mkdir(artifacts, { recursive: true });
  return writeFile(join(artifacts, `told-${hash}`), "", { flag: "wx" }).then(
    () => true,
    () => false,
  );
}

async function read(request: BuildRequest, modules: readonly SourceModule[]): Promise<Reads> {
  if (!request.runtime.startsWith("python")) return javascriptReads(modules, request.runtime === "workerd");
  return pythonReads(modules, (await findPython(request.consumer, request.runtime)).path);
}

/** The same code reads the same links: what was found once is kept, because asking Python takes a process. */
async function cached(
  artifacts: string,
  runtime: string,
  modules: readonly SourceModule[],
  work: () => Promise<Reads>,
): Promise<Reads> {
  if (!runtime.startsWith("python")) return work();
  const hash = createHash("sha256")
    .update(JSON.stringify([VERSION, modules]))
    .digest("hex")
    .slice(0, 32);
  const file = join(artifacts, `reads-${hash}.json`);
  try {
    return JSON.parse(await readFile(file, "utf8")) as Reads;
  } catch {
    const reads = await work();
    await mkdir(artifacts, { recursive: true });
    await writeFile(`${file}.${process.pid}.tmp`, JSON.stringify(reads));
    await rename(`${file}.${process.pid}.tmp`, file);
    return reads;
  }
}

/** Goes up when the check learns to see more. */
const VERSION = 2;
