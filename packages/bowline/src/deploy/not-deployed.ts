import { BowlineError } from "../error.ts";

/** Asked for what only a deployment makes. */
export function notDeployed(stage: string, cause?: unknown): BowlineError {
  return new BowlineError("not-deployed", `Stage "${stage}" is not deployed.`, {
    hint: `bowline deploy --stage ${stage}`,
    exitCode: 1,
    ...(cause === undefined ? {} : { cause }),
  });
}
