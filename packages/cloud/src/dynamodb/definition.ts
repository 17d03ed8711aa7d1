/** What a table is: everything about it but its items. Kept as one JSON document a table. */
import type { PolicyDocument } from "../iam/policy.ts";
import type { KeyAttribute } from "./expression/key-condition.ts";

export interface KeySchema {
  readonly hash: KeyAttribute;
  readonly range?: KeyAttribute;
}

export type ProjectionType = "ALL" | "KEYS_ONLY" | "INCLUDE";

export interface Throughput {
  readonly read: number;
  readonly write: number;
}

export interface IndexDefinition {
  /** Part of the name of its rows' table; never used twice in a table. */
  readonly id: number;
  readonly name: string;
  readonly global: boolean;
  readonly keys: KeySchema;
  readonly projection: { readonly type: ProjectionType; readonly attributes?: readonly string[] };
  readonly throughput?: Throughput;
}

export type StreamView = "KEYS_ONLY" | "NEW_IMAGE" | "OLD_IMAGE" | "NEW_AND_OLD_IMAGES";

export interface StreamDefinition {
  readonly id: number;
  readonly arn: string;
  readonly label: string;
  readonly view: StreamView;
}

export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

export interface TableDefinition {
  readonly id: number;
  readonly uuid: string;
  readonly name: string;
  readonly arn: string;
  /** Seconds since the epoch. */
  readonly created: number;
  readonly keys: KeySchema;
  readonly attributes: Readonly<Record<string, "S" | "N" | "B">>;
  readonly billing: "PROVISIONED" | "PAY_PER_REQUEST";
  readonly throughput?: Throughput;
  /** When billing last became on-demand, in seconds. */
  readonly onDemandSince?: number;
  readonly indexes: readonly IndexDefinition[];
  readonly nextIndexId: number;
  readonly stream?: StreamDefinition;
  /** The newest stream, enabled or not. */
  readonly latestStream?: { readonly arn: string; readonly label: string };
  readonly deletionProtection: boolean;
  readonly tableClass?: string;
  readonly encryption?: { readonly type: "KMS"; readonly key: string };
  readonly onDemandLimits?: Readonly<Record<string, unknown>>;
  readonly ttl?: { readonly attribute: string };
  readonly recovery?: { readonly since: number; readonly days: number };
  readonly insights?: boolean;
  readonly policy?: { readonly document: PolicyDocument; readonly text: string; readonly revision: string };
  readonly tags: readonly Tag[];
}

/** The key attributes of a table or index, and of the table an index belongs to. */
export function keyAttributes(...schemas: readonly KeySchema[]): KeyAttribute[] {
  const found = new Map<string, KeyAttribute>();
  for (const { hash, range } of schemas) {
    if (!found.has(hash.name)) found.set(hash.name, hash);
    if (range && !found.has(range.name)) found.set(range.name, range);
  }
  return [...found.values()];
}
