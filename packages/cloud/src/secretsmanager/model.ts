/** What Secrets Manager keeps. */
import type { Tag } from "./input.ts";

export interface Version {
  readonly id: string;
  readonly created: number;
  readonly stages: readonly string[];
  /** The ARN of the key it is encrypted with; absent while it has no value. */
  readonly keyArn?: string;
  /** The day it was last read. */
  readonly accessed?: number;
}

export interface RotationRules {
  readonly AutomaticallyAfterDays?: number;
  readonly Duration?: string;
  readonly ScheduleExpression?: string;
}

export interface Rotation {
  readonly enabled: boolean;
  readonly functionArn?: string;
  readonly rules?: RotationRules;
  readonly last?: number;
  readonly next?: number;
}

export interface Secret {
  readonly arn: string;
  readonly name: string;
  readonly created: number;
  readonly changed: number;
  readonly accessed?: number;
  readonly description?: string;
  /** As it was given; the service's own key if absent. */
  readonly keyId?: string;
  readonly tags: readonly Tag[];
  readonly policy?: string;
  /** When it goes for good, once it was deleted. */
  readonly deletion?: number;
  readonly rotation?: Rotation;
  /** Oldest first. */
  readonly versions: readonly Version[];
}

/** A value, encrypted with a data key, which is encrypted by KMS. */
export interface SealedValue {
  readonly dataKey: string;
  readonly sealed: string;
  readonly binary: boolean;
}
