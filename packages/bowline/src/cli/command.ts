import type { Project, StagePaths } from "../config/project.ts";
import type { Reporter } from "./reporter.ts";

/** What every command is given. */
export interface CommandContext {
  readonly project: Project;
  readonly stage: string;
  readonly paths: StagePaths;
  readonly reporter: Reporter;
  readonly json: boolean;
  /** Words that are no options. */
  readonly words: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
  /** What stands after `--`. */
  readonly rest: readonly string[];
  /** Aborted by the first Ctrl-C. */
  readonly signal: AbortSignal;
  readonly started: number;
}

export interface CommandOption {
  readonly type: "string" | "boolean";
  /** For `--help`. */
  readonly description: string;
}

export interface Command {
  readonly summary: string;
  /** For the usage line: `set NAME [VALUE]`. */
  readonly usage?: string;
  readonly options?: Readonly<Record<string, CommandOption>>;
  /** Whether words that are no options make sense. Default false. */
  readonly takesWords?: boolean;
  /** False for what works outside of an app's folder. Default true. */
  readonly inProject?: boolean;
  /** Resolves to the exit code. */
  run(context: CommandContext): Promise<number>;
}
