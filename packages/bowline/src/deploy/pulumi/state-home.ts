/** Where Pulumi keeps the state of a stage. */
export interface StateHome {
  /** `PULUMI_BACKEND_URL`. */
  readonly url: string;
  readonly passphrase: string;
  /** What the CLI needs to get there. */
  readonly env: Readonly<Record<string, string>>;
}
