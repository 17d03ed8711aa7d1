import { type EngineEvent, LockedError, type ResourceState, type Result, startChild } from "@bowline/engine";
import type { Finding } from "../build/check/index.ts";
import { type AppSettings, type FinishedBuild, isLocal } from "../config/app.ts";
import { BowlineError, combineErrors } from "../error.ts";
import type { ConsumerGrants } from "../link/words.ts";
import type { TypedConsumer } from "../types/input.ts";
import type { WorkersAccess } from "../workers/access.ts";
import { BUSY, tellAwaited } from "./awaited.ts";
import { NOT_STARTED, type Problem, type ProgramData, type ProgramMessage } from "./messages.ts";
import { explainStandstill } from "./standstill.ts";

export type Operation = ProgramData["operation"];

/** What happens while the program runs. */
export interface Watcher {
  onEvent?(event: EngineEvent): void;
  /** A line the program itself printed. */
  onOutput?(line: string): void;
  onProgress?(message: string): void;
  onWarning?(message: string, hint?: string): void;
  onApp?(settings: AppSettings): void;
  /** The state of a stage at home in a cloud, as it was and as it has become. */
  onState?(resources: readonly ResourceState[]): void;
}

export interface Finished {
  readonly result: Result;
  /** The files the program itself was made from. */
  readonly sources: ReadonlySet<string>;
  /** What was built of which files, by consumer. */
  readonly builds: ReadonlyMap<string, FinishedBuild>;
  /** What the program grants to whom. */
  readonly grants: readonly ConsumerGrants[];
  /** What the static check found. */
  readonly findings: readonly Finding[];
  /** What links look like; with the purpose `types` only. */
  readonly typed: readonly TypedConsumer[];
}

/** Runs the user's program in a child process, with the engine of its home. Problems a user can mend are thrown. */
export async function runProgram(
  options: {
    readonly root: string;
    readonly stage: string;
    readonly operation: Operation;
    /** The local cloud; a stage at home in a cloud has none. */
    readonly cloud?: ProgramData["cloud"];
    /** What runs the Workers on this machine. */
    readonly workers?: WorkersAccess;
    readonly stateDir: string;
    readonly purpose?: ProgramData["purpose"];
    readonly signal?: AbortSignal;
  },
  watcher: Watcher = {},
): Promise<Finished> {
  const sources = new Set<string>();
  const builds = new Map<string, FinishedBuild>();
  // What follows the first of them follows from them.
  let problems: readonly Problem[] | undefined;
  const grants: ConsumerGrants[] = [];
  const findings: Finding[] = [];
  const typed: TypedConsumer[] = [];
  const data: ProgramData = {
    root: options.root,
    stage: options.stage,
    operation: options.operation,
    purpose: options.purpose ?? "deploy",
    stateDir: options.stateDir,
    ...(options.cloud ? { cloud: accessOf(options.cloud) } : {}),
    ...(options.workers ? { workers: options.workers } : {}),
  };
  const awaited = tellAwaited((message) => watcher.onProgress?.(message));
  awaited.now("the code around defineConfig in the config");
  const onEvent = (event: EngineEvent) => {
    const { metadata } = event.resourcePreEvent ?? event.resOutputsEvent ?? {};
    if (metadata && metadata.type !== "pulumi:pulumi:Stack") awaited.now(undefined);
    watcher.onEvent?.(event);
  };
  const child = startChild({
    entry: programEntry(),
    data,
    operation: options.operation,
    cwd: options.root,
    ...(watcher.onEvent ? { onEvent } : {}),
    onOutput: (line) => watcher.onOutput?.(line),
    onMessage: (message) => receive(message as ProgramMessage),
    signal: options.signal,
  });
  const receive = (message: ProgramMessage): void => {
    if (message.type === "sources") awaited.now("app() of the config");
    else if (message.type === "app" && isLocal(message.settings)) awaited.now("run() of the config", BUSY);
    else awaited.now(undefined);
    if (message.type === "sources") for (const file of message.files) sources.add(file);
    if (message.type === "built") builds.set(message.build.request.consumer, message.build);
    if (message.type === "typed") typed.push(message.consumer);
    if (message.type === "findings") findings.push(...message.findings);
    if (message.type === "warning") watcher.onWarning?.(message.message, message.hint);
    if (message.type === "granted") grants.push(message.consumer);
    if (message.type === "progress") watcher.onProgress?.(message.message);
    if (message.type === "app") watcher.onApp?.(message.settings);
    if (message.type === "state") watcher.onState?.(message.resources);
    if (message.type === "problems") problems ??= message.problems;
  };
  const result = await settled(child.result).finally(() => awaited.now(undefined));
  if (problems) {
    throw combineErrors(problems.map((problem) => new BowlineError(problem.code, problem.message, problem)));
  }
  return {
    result: { ...result, diagnostics: result.diagnostics.filter(isOwnFault).map(explainStandstill) },
    sources,
    builds,
    grants,
    findings,
    typed,
  };
}

/** What crosses the process boundary. */
function accessOf({ endpoint, region, accountId, credentials }: NonNullable<ProgramData["cloud"]>) {
  return { endpoint, region, accountId, credentials };
}

/** One error of the program is told once, not again by each resource it kept from starting. */
function isOwnFault(diagnostic: { readonly message: string }): boolean {
  return !diagnostic.message.includes(NOT_STARTED);
}

async function settled(result: Promise<Result>): Promise<Result> {
  try {
    return await result;
  } catch (cause) {
    if (!(cause instanceof LockedError)) throw cause;
    throw new BowlineError("locked", cause.message, {
      hint: "Wait until it is done. If that process is gone for good: bowline unlock",
      exitCode: 4,
      cause,
    });
  }
}

/** Beside the built package, or the source when Bowline runs from source. */
function programEntry(): URL {
  return new URL(import.meta.url.endsWith(".ts") ? "./program.ts" : "./program.mjs", import.meta.url);
}
