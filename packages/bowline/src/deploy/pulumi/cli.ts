/** Pulumi's CLI for a stage: what is asked of it outside of an operation. */

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { PulumiCommand } from "@pulumi/pulumi/automation/index.js";
import { BowlineError } from "../../error.ts";
import { notDeployed } from "../not-deployed.ts";
import { explainFailure, withoutColours } from "./explain.ts";
import type { StateHome } from "./state-home.ts";

/** Answers what it printed. */
export type StageCli = (...args: string[]) => Promise<string>;

/** What the CLI reads of its environment, so that nothing else is asked of the machine it runs on. */
export function cliEnvironment(home: Omit<StateHome, "objects">): Record<string, string> {
  return {
    ...home.env,
    PULUMI_BACKEND_URL: home.url,
    PULUMI_CONFIG_PASSPHRASE: home.passphrase,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // The salt of its secrets is in the state, not in a file that is on one machine only.
    PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER: "true",
    // Its history is read by us, too.
    PULUMI_DIY_BACKEND_GZIP: "false",
    // A plugin that happens to be on PATH is not the one the program's SDK asks for.
    PULUMI_IGNORE_AMBIENT_PLUGINS: "true",
  };
}

/** Needs no folder with a project, and makes no stack. */
export function stageCli(options: {
  readonly command: PulumiCommand;
  readonly home: Omit<StateHome, "objects">;
  readonly project: string;
  readonly stage: string;
}): StageCli {
  const { command, home, project, stage } = options;
  const env = { ...process.env, ...cliEnvironment(home) };
  return async (...args) => {
    const all = [...args, "--stack", `organization/${project}/${stage}`, "--non-interactive"];
    try {
      // A state can be large.
      const { stdout } = await promisify(execFile)(command.command, all, { env, maxBuffer: 2 ** 30 });
      return stdout;
    } catch (cause) {
      throw explained(cause, stage);
    }
  };
}

function explained(cause: unknown, stage: string): unknown {
  const { stderr } = cause as { stderr?: unknown };
  if (typeof stderr !== "string") return cause;
  if (/no stack named .* found/.test(stderr)) return notDeployed(stage, cause);
  const said = withoutColours(stderr)
    .trim()
    .replace(/^error: /, "");
  return (
    explainFailure(stderr, stage) ??
    new BowlineError("state", said || `The state of stage "${stage}" cannot be opened.`, {
      exitCode: 1,
      cause,
    })
  );
}
