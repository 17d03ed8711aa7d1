/** The form of a case: a stage, and what is done with it, one run after the other. */

import type { EngineOptions, Program } from "../options.ts";
import type { MemoryProvider } from "../testing/memory-provider.ts";

export interface Run {
  /** `up` unless said otherwise. */
  readonly do?: "up" | "preview" | "destroy" | "refresh";
  readonly program?: Program;
  readonly with?: Partial<EngineOptions>;
  /** What happens to the real things before the run. */
  readonly before?: (provider: MemoryProvider) => void;
  /** `<op> <name>`, the stack and providers left out, in any order that dependencies allow. */
  readonly steps: readonly string[];
  /** The steps must come in just this order. */
  readonly ordered?: boolean;
  readonly outputs?: Readonly<Record<string, unknown>>;
  readonly secretOutputs?: readonly string[];
  /** The run fails, and says this. */
  readonly fails?: RegExp;
  /** The run says this, too. */
  readonly says?: RegExp;
  /** What the provider was asked to do. */
  readonly log?: readonly string[];
}

export interface Case {
  readonly name: string;
  readonly config?: Partial<EngineOptions>;
  readonly runs: readonly Run[];
}
