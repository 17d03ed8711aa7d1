/** Streams, their shards and consumers, as they are kept. */

export interface Shard {
  /** Which records are its own; unique over all streams. */
  readonly key: number;
  /** `shardId-000000000000` */
  readonly id: string;
  /** Decimal, inclusive: hash keys have 128 bits. */
  readonly from: string;
  readonly to: string;
  readonly parent?: string;
  readonly adjacentParent?: string;
  /** The first sequence number it may hold. */
  readonly starts: number;
  /** The last one it holds; open shards have none. */
  readonly ends?: number;
  readonly opened: number;
  readonly closed?: number;
}

export interface Consumer {
  readonly name: string;
  readonly arn: string;
  readonly created: number;
  readonly tags: Readonly<Record<string, string>>;
  /** JSON. */
  readonly policy?: string;
}

export interface Stream {
  readonly name: string;
  readonly arn: string;
  readonly created: number;
  readonly mode: "PROVISIONED" | "ON_DEMAND";
  /** Hours. */
  readonly retention: number;
  readonly encryptionKey?: string;
  readonly metrics: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  /** JSON. */
  readonly policy?: string;
  /** How many shards it ever had: the number of the next one. */
  readonly numbered: number;
  readonly shards: readonly Shard[];
  readonly consumers: readonly Consumer[];
}

export interface StoredRecord {
  readonly sequence: number;
  readonly key: string;
  readonly data: Uint8Array;
  readonly time: number;
}

export const hour = 3_600_000;

const SEQUENCE_DIGITS = 56;

/** A sequence number as clients see it. */
export function sequenceNumber(sequence: number): string {
  return `49${String(sequence).padStart(SEQUENCE_DIGITS - 2, "0")}`;
}

/** The inverse; undefined for what is no sequence number of ours. */
export function sequenceOf(text: string): number | undefined {
  const digits = /^49(\d{54})$/.exec(text)?.[1];
  const sequence = Number(digits);
  return digits !== undefined && Number.isSafeInteger(sequence) ? sequence : undefined;
}
