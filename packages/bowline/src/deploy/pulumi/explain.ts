/** What the CLI says when it cannot begin, as one clear message. */

import { BowlineError } from "../../error.ts";

const COLOURS = /<\{%[^%]*%\}>/g;

/** A text of the CLI without its marks for colours. */
export function withoutColours(text: string): string {
  return text.replace(COLOURS, "").trimEnd();
}

/** An error for the user where the failure is about the stage as a whole, and not about one of its resources. */
export function explainFailure(said: string, stage: string, passphraseAt = "it"): BowlineError | undefined {
  const locked =
    /the stack is currently locked by[^\n]*\n?([\s\S]*?created by (\S+) \(pid (\d+)\) at (\S+))?/.exec(said);
  if (locked) {
    const [, , who, pid, since] = locked;
    return new BowlineError(
      "locked",
      who
        ? `Stage "${stage}" is locked by ${who} (process ${pid}) since ${since}.`
        : `Stage "${stage}" is locked.`,
      {
        hint: `Wait until it is done. If that process is gone for good: bowline unlock --stage ${stage}`,
        exitCode: 4,
      },
    );
  }
  if (/incorrect passphrase/.test(said)) {
    return new BowlineError(
      "bad-key",
      `The passphrase of stage "${stage}" is not the one its state was encrypted with.`,
      { hint: `Bring back ${passphraseAt} as it was, or set BOWLINE_PASSPHRASE to it.`, exitCode: 1 },
    );
  }
  if (/InvalidDigest/.test(said)) {
    return new BowlineError(
      "no-state",
      "R2 refused the state: version 3.256.0 of the Pulumi CLI cannot write there.",
      {
        hint: "Take another one: https://www.pulumi.com/docs/install",
        exitCode: 1,
      },
    );
  }
  const plugin =
    /(?:could not find|failed to (?:install|download)|no resource plugin)[^\n]*(?:plugin|provider)[^\n]*/i.exec(
      said,
    );
  if (plugin) {
    return new BowlineError("no-plugin", withoutColours(plugin[0]), {
      hint: "Pulumi's plugins are fetched from get.pulumi.com, once; that needs a network.",
      exitCode: 1,
    });
  }
  return undefined;
}
