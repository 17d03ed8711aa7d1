/** What an account has in IAM. */

export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

export interface Role {
  readonly name: string;
  readonly path: string;
  readonly id: string;
  readonly arn: string;
  readonly created: number;
  /** The trust policy, as it was sent. */
  readonly trust: string;
  readonly description?: string;
  readonly maxSessionDuration: number;
  readonly boundary?: string;
  readonly tags: readonly Tag[];
  /** Inline policies by name, as they were sent. */
  readonly inline: Readonly<Record<string, string>>;
  /** ARNs of the managed policies attached. */
  readonly attached: readonly string[];
}

export interface PolicyVersion {
  readonly id: string;
  readonly document: string;
  readonly created: number;
}

export interface ManagedPolicy {
  readonly name: string;
  readonly path: string;
  readonly id: string;
  readonly arn: string;
  readonly created: number;
  readonly updated: number;
  readonly description?: string;
  readonly defaultVersion: string;
  readonly versions: readonly PolicyVersion[];
  readonly nextVersion: number;
  readonly tags: readonly Tag[];
}
