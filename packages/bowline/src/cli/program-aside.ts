import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Purpose } from "../config/app.ts";
import { type Finished, runProgram } from "../deploy/local.ts";
import { BowlineError } from "../error.ts";
import { projectKeys } from "../secrets/key.ts";
import { packageFolder } from "../types/package.ts";
import { typeFiles, writeTypeFiles } from "../types/write.ts";
import type { CommandContext } from "./command.ts";

/** Nothing is asked of a cloud in a preview of something that does not exist yet. */
const NO_CLOUD = {
  endpoint: "http://127.0.0.1:9",
  region: "us-east-1",
  accountId: "000000000000",
  credentials: { accessKeyId: "none", secretAccessKey: "none" },
};

/** Writes the types as they are now; where that fails, the app is up all the same. */
export async function keepTypes(context: CommandContext): Promise<void> {
  await beginTypes(context)(true);
}

/** Finds the types while something else is done, which says afterwards whether it went well: then they are written. */
export function beginTypes(context: CommandContext): (worthwhile: boolean) => Promise<void> {
  const found = currentTypes(context, () => {}).then(
    ({ files }) => files,
    (cause: unknown) => new Error(cause instanceof Error ? cause.message : String(cause), { cause }),
  );
  return async (worthwhile) => {
    const files = await found;
    if (!worthwhile) return;
    try {
      if (files instanceof Error) throw files;
      await writeTypeFiles(context.project.root, files);
    } catch (cause) {
      const hint = cause instanceof Error ? cause.message : String(cause);
      context.reporter.report({ type: "warning", message: "The types could not be written.", hint });
    }
  };
}

/** The generated files as they should be now, and what is to be said of what is not in them. */
export async function currentTypes(
  context: CommandContext,
  onProgress?: (message: string) => void,
): Promise<{ readonly files: Map<string, string>; readonly findings: Finished["findings"] }> {
  const { typed, findings } = await runAside(context, "types", onProgress);
  const files = typeFiles({ consumers: typed }, (folder) => packageFolder(context.project.root, folder));
  return { files, findings };
}

/** Tells what was found in a program that was run aside. */
export function tellFindings({ reporter }: CommandContext, findings: Finished["findings"]): void {
  for (const { severity, message, hint } of findings)
    reporter.report({ type: "warning", message, ...(hint ? { hint } : {}), severity });
}

/** Runs the program beside its stage: no cloud, no state, no secrets; what comes out depends on the code alone. */
export async function runAside(
  context: CommandContext,
  purpose: Exclude<Purpose, "deploy">,
  onProgress = (message: string) => context.reporter.report({ type: "progress", message }),
): Promise<Finished> {
  projectKeys(context.project);
  const stateDir = await mkdtemp(join(tmpdir(), "bowline-aside-"));
  try {
    const finished = await runProgram(
      {
        root: context.project.root,
        stage: context.stage,
        operation: "preview",
        purpose,
        cloud: NO_CLOUD,
        stateDir,
        signal: context.signal,
      },
      { onProgress },
    );
    const problem = finished.result.diagnostics.find(({ severity }) => severity === "error");
    if (problem) throw new BowlineError("program-failed", problem.message, { exitCode: 1 });
    return finished;
  } finally {
    await rm(stateDir, { recursive: true, force: true });
  }
}
