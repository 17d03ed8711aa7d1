/** What SNS keeps, parsed once at the edge and trusted within. */
import type { PolicyDocument } from "../iam/policy.ts";
import type { Json } from "../pattern/pattern.ts";

export interface Topic {
  readonly arn: string;
  readonly name: string;
  readonly created: number;
  readonly fifo: boolean;
  attributes: Readonly<Record<string, string>>;
  tags: Readonly<Record<string, string>>;
  policy: PolicyDocument | undefined;
  /** How many subscriptions were deleted since the topic was made. */
  deleted: number;
}

export const protocols = ["sqs", "lambda", "http", "https", "email", "email-json"] as const;
export type SubscriptionProtocol = (typeof protocols)[number];

export interface Subscription {
  readonly arn: string;
  readonly topicArn: string;
  readonly protocol: SubscriptionProtocol;
  readonly endpoint: string;
  readonly owner: string;
  readonly principal: string;
  /** Present until the endpoint confirmed. */
  token: string | undefined;
  authenticated: boolean;
  attributes: Readonly<Record<string, string>>;
  settings: SubscriptionSettings;
}

/** The attributes in the form that publishing needs. */
export interface SubscriptionSettings {
  readonly raw: boolean;
  readonly accepts: (message: Filterable) => boolean;
  readonly deadLetterArn: string | undefined;
  readonly retries: RetryPolicy;
}

export interface RetryPolicy {
  /** Milliseconds before each further attempt; beyond the list a message is given up. */
  readonly delays: readonly number[];
}

/** What filter policies see of a message. */
export interface Filterable {
  readonly attributes: MessageAttributes;
  /** The body as JSON, undefined where it is none. */
  readonly body: () => Json | undefined;
}

export interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
  /** Base64. */
  readonly BinaryValue?: string;
}
export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

/** A published message, as it waits for its deliveries. */
export interface Publication {
  readonly messageId: string;
  readonly topicArn: string;
  readonly type: "Notification" | "SubscriptionConfirmation";
  readonly time: number;
  readonly subject?: string;
  readonly message: string;
  /** The message by protocol, where the publisher wrote it so. */
  readonly variants?: Readonly<Record<string, string>>;
  readonly attributes: MessageAttributes;
  readonly group?: string;
  readonly dedup?: string;
  readonly sequence?: string;
  readonly token?: string;
}
