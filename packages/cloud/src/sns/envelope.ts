/** The forms in which a message reaches its subscribers. */
import { createHmac } from "node:crypto";
import type { MessageAttributes, Publication, Subscription } from "./model.ts";

/** The text for a protocol, where the publisher wrote several. */
export function messageFor({ message, variants }: Publication, { protocol }: Subscription): string {
  return variants ? (variants[protocol] ?? variants.default ?? "") : message;
}

/** Shaped like a signature, and nothing more: local messages come from nobody who has a certificate. */
function signatureOf(publication: Publication): string {
  return createHmac("sha512", "local").update(publication.messageId).digest("base64");
}

function urls(publication: Publication, subscription: Subscription, endpoint: string) {
  const region = publication.topicArn.split(":")[3];
  const arn = encodeURIComponent(subscription.arn);
  return {
    SigningCertURL: `https://sns.${region}.amazonaws.com/SimpleNotificationService-local.pem`,
    UnsubscribeURL: `${endpoint}/?Action=Unsubscribe&SubscriptionArn=${arn}`,
  };
}

function plainAttributes(attributes: MessageAttributes) {
  const names = Object.entries(attributes);
  if (names.length === 0) return undefined;
  return Object.fromEntries(
    names.map(([name, { DataType, StringValue, BinaryValue }]) => [
      name,
      { Type: DataType, Value: StringValue ?? BinaryValue },
    ]),
  );
}

/** The JSON that queues and HTTP endpoints get. */
export function envelope(publication: Publication, subscription: Subscription, endpoint: string): string {
  const { SigningCertURL, UnsubscribeURL } = urls(publication, subscription, endpoint);
  const common = {
    Timestamp: new Date(publication.time).toISOString(),
    SignatureVersion: "1",
    Signature: signatureOf(publication),
    SigningCertURL,
  };
  if (publication.type === "SubscriptionConfirmation") {
    const { token = "", topicArn } = publication;
    const query = new URLSearchParams({ Action: "ConfirmSubscription", TopicArn: topicArn, Token: token });
    return JSON.stringify({
      Type: publication.type,
      MessageId: publication.messageId,
      Token: token,
      TopicArn: topicArn,
      Message: `You have chosen to subscribe to the topic ${topicArn}.\nTo confirm the subscription, visit the SubscribeURL included in this message.`,
      SubscribeURL: `${endpoint}/?${query}`,
      ...common,
    });
  }
  return JSON.stringify({
    Type: publication.type,
    MessageId: publication.messageId,
    SequenceNumber: publication.sequence,
    TopicArn: publication.topicArn,
    Subject: publication.subject,
    Message: messageFor(publication, subscription),
    ...common,
    UnsubscribeURL,
    MessageAttributes: plainAttributes(publication.attributes),
  });
}

/** The event that functions get. */
export function lambdaEvent(publication: Publication, subscription: Subscription, endpoint: string): string {
  const { SigningCertURL, UnsubscribeURL } = urls(publication, subscription, endpoint);
  return JSON.stringify({
    Records: [
      {
        EventSource: "aws:sns",
        EventVersion: "1.0",
        EventSubscriptionArn: subscription.arn,
        Sns: {
          Type: "Notification",
          MessageId: publication.messageId,
          TopicArn: publication.topicArn,
          Subject: publication.subject ?? null,
          Message: messageFor(publication, subscription),
          Timestamp: new Date(publication.time).toISOString(),
          SignatureVersion: "1",
          Signature: signatureOf(publication),
          SigningCertUrl: SigningCertURL,
          UnsubscribeUrl: UnsubscribeURL,
          MessageAttributes: plainAttributes(publication.attributes) ?? {},
        },
      },
    ],
  });
}
