/** The entry of children that tests start: runs a program of the folder `programs` with things kept in a file. */

import type { ChildChannel } from "../child/serve.ts";
import type { EngineOptions, Program } from "../options.ts";
import { fileProvider } from "./file-provider.ts";

export interface EntryData {
  readonly stateDir: string;
  /** Its name in the folder `programs`. */
  readonly program: string;
  readonly input?: unknown;
  /** Each operation takes this long. */
  readonly delayMs?: number;
  readonly parallel?: number;
}

export default async function entry(
  data: unknown,
  channel: ChildChannel,
): Promise<EngineOptions & { program: Program }> {
  const { stateDir, program, input, delayMs, parallel } = data as EntryData;
  const { default: create } = (await import(`./programs/${program}.ts`)) as {
    default: (input: unknown, channel: ChildChannel) => Program;
  };
  return {
    project: "shop",
    stack: "test",
    stateDir,
    secretsKey: new Uint8Array(32).fill(7),
    providers: [fileProvider(`${stateDir}/things`, delayMs ?? 0)],
    ...(parallel ? { parallel } : {}),
    program: create(input, channel),
  };
}
