/** What KMS keeps. */
import type { Tags } from "./input.ts";
import type { KeyUsage } from "./specs.ts";

/** One generation of a key's material: the newest encrypts, all of them decrypt. */
export interface Material {
  /** 64 hexadecimal digits. */
  readonly id: string;
  /** Sealed with the key of the folder, in base64. */
  readonly sealed: string;
  readonly created: number;
  /** How it came, unless it is the first. */
  readonly rotation?: "AUTOMATIC" | "ON_DEMAND";
}

export interface Key {
  readonly id: string;
  readonly arn: string;
  readonly created: number;
  readonly description: string;
  readonly spec: string;
  readonly usage: KeyUsage;
  readonly state: "Enabled" | "Disabled" | "PendingDeletion";
  /** When it goes, while that is pending. */
  readonly deletion?: number;
  /** An account has a key of each service's that AWS manages, and those its users made. */
  readonly manager: "CUSTOMER" | "AWS";
  readonly multiRegion: boolean;
  /** As it was put. */
  readonly policy: string;
  readonly tags: Tags;
  readonly rotation?: { readonly periodInDays: number; readonly next: number };
  /** Oldest first. */
  readonly materials: readonly Material[];
}

export interface Alias {
  /** With its `alias/`. */
  readonly name: string;
  readonly keyId: string;
  readonly created: number;
  readonly updated: number;
}

export type EncryptionContext = Readonly<Record<string, string>>;

export interface Grant {
  readonly id: string;
  readonly token: string;
  readonly keyId: string;
  readonly name?: string;
  readonly grantee: string;
  readonly retiring?: string;
  readonly operations: readonly string[];
  readonly subset?: EncryptionContext;
  readonly equals?: EncryptionContext;
  readonly issuer: string;
  readonly created: number;
}
