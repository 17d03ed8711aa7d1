import type { HomeObjects } from "./home-objects.ts";

/** Where Pulumi keeps the state of a stage. */
export interface StateHome {
  /** `PULUMI_BACKEND_URL`. */
  readonly url: string;
  readonly passphrase: string;
  /** Where the passphrase is, for messages: `the SSM parameter …`. */
  readonly passphraseAt?: string;
  /** What the CLI needs to get there. */
  readonly env: Readonly<Record<string, string>>;
  /** What is kept beside the state. */
  readonly objects: HomeObjects;
}
