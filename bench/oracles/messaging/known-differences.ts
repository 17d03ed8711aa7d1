/** Where moto is known to differ from AWS, and why we do not follow it. */
import type { Outcome } from "./normalise.ts";

/** What AWS refuses and moto takes, or fails at, by operation and by the error AWS documents. */
const refusals: Readonly<Record<string, string>> = {
  "CreateQueue InvalidAttributeName": "moto takes attributes that do not exist",
  "CreateQueue InvalidAttributeValue": "moto takes values out of bounds",
  "CreateQueue InvalidParameterValue": "moto names a missing dead-letter queue differently",
  "Publish InvalidParameterException": "moto takes empty messages, and JSON messages without a default",
  "SendMessage InvalidMessageContents": "moto takes characters that XML has not",
  "SendMessage MissingParameter": "moto takes empty messages",
  "SetSubscriptionAttributes InvalidParameterException": "moto breaks on a filter policy that is not JSON",
  "StartMessageMoveTask InvalidParameterValue": "moto breaks on a source that is no dead-letter queue",
  "Subscribe InvalidParameterException": "moto takes protocols that do not exist",
};

export function explain(ours: Outcome, moto: Outcome): string | undefined {
  const refusal = refusals[`${ours.operation} ${ours.error}`];
  const lenient = moto.error === undefined || moto.status === 500 || moto.error === "QueueDoesNotExist";
  return lenient ? refusal : undefined;
}
