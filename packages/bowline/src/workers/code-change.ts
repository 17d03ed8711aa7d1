import type { WorkerOptions } from "miniflare";
import type { RuntimeOptions } from "./runtime-options.ts";
import type { Replacement } from "./workerd.ts";

/** Code is padded to a multiple of this, so that most changes leave its length as it is. */
const BLOCK = 64 * 1024;

/** Code with as many empty lines after it as make its length that of most of its versions. */
export function padded(code: string): string {
  const length = Buffer.byteLength(code);
  return code + "\n".repeat(BLOCK - (length % BLOCK));
}

/** What of the options is code, and all the rest. */
export interface Applied {
  readonly rest: string;
  readonly code: ReadonlyMap<string, string>;
}

export function appliedOf(options: RuntimeOptions): Applied {
  const code = new Map<string, string>();
  const workers = options.workers.map((worker: WorkerOptions) => {
    const [module] = Array.isArray(worker.modules) ? worker.modules : [];
    if (typeof module?.contents !== "string") return worker;
    code.set(worker.name ?? "", module.contents);
    return { ...worker, modules: [] };
  });
  // Stands in for a Worker that is not there, whichever function it is.
  const named = (_key: string, value: unknown) => (typeof value === "function" ? "function" : value);
  return { rest: JSON.stringify({ ...options, workers }, named), code };
}

/** The code that has changed; undefined where something else has as well. */
export function codeChange(before: Applied, after: Applied): Replacement[] | undefined {
  if (before.rest !== after.rest) return undefined;
  return [...after.code].flatMap(([name, to]) => {
    const from = before.code.get(name) ?? "";
    return from === to ? [] : [{ from: Buffer.from(from), to: Buffer.from(to) }];
  });
}
