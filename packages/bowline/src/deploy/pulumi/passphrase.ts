/** The passphrase that the secrets in a stage's state are encrypted with: made once, kept at home. */

import { randomBytes } from "node:crypto";
import { BowlineError } from "../../error.ts";

/** Where a home keeps it. */
export interface PassphrasePlace {
  /** For messages: `the SSM parameter …`. */
  readonly where: string;
  read(): Promise<string | undefined>;
  /** False when there is one already: somebody was faster. */
  create(passphrase: string): Promise<boolean>;
  /** Whether something is encrypted with it already. */
  hasState(): Promise<boolean>;
}

/** Takes it from elsewhere: a vault, or the secrets of a CI. */
const VARIABLE = "BOWLINE_PASSPHRASE";
const SHORTEST = 16;

export async function openPassphrase(
  place: PassphrasePlace,
  stage: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<string> {
  const given = env[VARIABLE];
  if (given) checkLength(given);
  const known = await place.read();
  if (given && known && given !== known) {
    throw new BowlineError(
      "bad-key",
      `Stage "${stage}" has a passphrase already, ${place.where}, and ${VARIABLE} is another one.`,
      {
        hint: `Unset ${VARIABLE}: nothing that is encrypted with one can be read with the other.`,
        exitCode: 2,
      },
    );
  }
  if (given || known) return given || (known ?? "");
  if (await place.hasState()) {
    throw new BowlineError(
      "no-key",
      `Stage "${stage}" has a state, but the passphrase of its secrets, ${place.where}, is gone.`,
      {
        hint: `Bring it back, or set ${VARIABLE} to it: without it nobody can read the secrets in the state.`,
        exitCode: 1,
      },
    );
  }
  const fresh = randomBytes(32).toString("base64url");
  if (await place.create(fresh)) return fresh;
  const theirs = await place.read();
  if (theirs) return theirs;
  throw new BowlineError("no-key", `${place.where} is there and cannot be read.`, { exitCode: 1 });
}

function checkLength(given: string): void {
  if (given.length >= SHORTEST) return;
  throw new BowlineError("bad-key", `${VARIABLE} has ${given.length} characters.`, {
    hint: `Take ${SHORTEST} or more, by chance: openssl rand -base64 32`,
    exitCode: 2,
  });
}
