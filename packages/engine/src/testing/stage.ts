/** A stage for one test: a state folder that is removed, a provider in memory. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  destroy,
  type EngineEvent,
  type EngineOptions,
  type Program,
  preview,
  type Result,
  readState,
  refresh,
  type State,
  up,
} from "../index.ts";
import { type MemoryProvider, memoryProvider } from "./memory-provider.ts";

export interface Stage extends AsyncDisposable {
  readonly options: EngineOptions;
  readonly provider: MemoryProvider;
  readonly events: EngineEvent[];
  up(program: Program, more?: Partial<EngineOptions>): Promise<Result>;
  preview(program: Program, more?: Partial<EngineOptions>): Promise<Result>;
  destroy(more?: Partial<EngineOptions>): Promise<Result>;
  refresh(more?: Partial<EngineOptions>): Promise<Result>;
  state(): Promise<State>;
}

export async function createStage(more: Partial<EngineOptions> = {}): Promise<Stage> {
  const stateDir = await mkdtemp(join(tmpdir(), "bowline-engine-"));
  const provider = memoryProvider();
  const events: EngineEvent[] = [];
  const options: EngineOptions = {
    project: "shop",
    stack: "test",
    stateDir,
    secretsKey: new Uint8Array(32).fill(7),
    providers: [provider],
    onEvent: (event) => events.push(event),
    ...more,
  };
  return {
    options,
    provider,
    events,
    up: (program, extra) => up({ ...options, ...extra, program }),
    preview: (program, extra) => preview({ ...options, ...extra, program }),
    destroy: (extra) => destroy({ ...options, ...extra }),
    refresh: (extra) => refresh({ ...options, ...extra }),
    state: () => readState(options.stateDir, options.secretsKey),
    [Symbol.asyncDispose]: () => rm(stateDir, { recursive: true, force: true }),
  };
}

/** Steps as a case table writes them: `create a`, in order, the stack and providers left out. */
export function brief(result: Result): string[] {
  return result.steps
    .filter(({ type }) => type !== "pulumi:pulumi:Stack" && !type.startsWith("pulumi:providers:"))
    .map(({ op, urn }) => `${op} ${urn.split("::").slice(3).join("::")}`);
}
