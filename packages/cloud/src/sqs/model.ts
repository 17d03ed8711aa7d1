/** What SQS keeps, parsed once at the edge and trusted within. */
import type { PolicyDocument } from "../iam/policy.ts";

/** Attributes as clients set them, always strings. */
export type QueueAttributes = Readonly<Record<string, string>>;

export interface RedrivePolicy {
  readonly deadLetterTargetArn: string;
  readonly maxReceiveCount: number;
}

/** The attributes in the form that sending and receiving need. */
export interface QueueSettings {
  readonly fifo: boolean;
  readonly contentDedup: boolean;
  /** True when deduplication counts within a message group only. */
  readonly dedupPerGroup: boolean;
  /** Milliseconds. */
  readonly delay: number;
  readonly visibility: number;
  readonly retention: number;
  readonly wait: number;
  /** Bytes. */
  readonly maximumSize: number;
  readonly redrive: RedrivePolicy | undefined;
  readonly policy: PolicyDocument | undefined;
}

export interface Queue {
  readonly id: number;
  readonly name: string;
  readonly arn: string;
  /** Milliseconds since the epoch. */
  readonly created: number;
  modified: number;
  purged: number;
  attributes: QueueAttributes;
  settings: QueueSettings;
  tags: Readonly<Record<string, string>>;
}

export interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
  /** Base64, as it is on the wire. */
  readonly BinaryValue?: string;
}

export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

/** A message before it has its place in a queue. */
export interface NewMessage {
  readonly messageId: string;
  readonly body: string;
  readonly bodyMd5: string;
  readonly attributes: MessageAttributes | undefined;
  readonly sender: string;
  readonly sent: number;
  readonly visibleAt: number;
  readonly group: string | undefined;
  readonly dedup: string | undefined;
  readonly trace: string | undefined;
}

/** A row of the message table. */
export interface StoredMessage {
  readonly id: number;
  readonly queue: number;
  readonly visible_at: number;
  readonly receives: number;
  readonly sent: number;
  readonly first_received: number | null;
  readonly message_id: string;
  readonly body: string;
  readonly body_md5: string;
  readonly attributes: string | null;
  readonly sender: string;
  readonly message_group: string | null;
  readonly dedup: string | null;
  readonly trace: string | null;
  readonly dead_source: string | null;
}
