/** One attempt to deliver a message to one subscriber, and what follows when it fails. */
import { AwsError } from "../error.ts";
import type { Hub, Principal } from "../service.ts";
import type { Deliver } from "../store/outbox.ts";
import { envelope, lambdaEvent, messageFor } from "./envelope.ts";
import type { Publication, Subscription } from "./model.ts";
import type { SnsStore } from "./store.ts";

/** A failure that another attempt will not change. */
class Refused extends Error {}

const httpTimeout = 15_000;

function asSns(hub: Hub, topicArn: string): Principal {
  return { kind: "service", service: "sns.amazonaws.com", sourceArn: topicArn, accountId: hub.accountId };
}

/** What a queue gets: the message itself, or the envelope around it. */
function queueInput(publication: Publication, subscription: Subscription, endpoint: string) {
  const { raw } = subscription.settings;
  const attributes = Object.keys(publication.attributes).length > 0 ? publication.attributes : undefined;
  return {
    MessageBody: raw ? messageFor(publication, subscription) : envelope(publication, subscription, endpoint),
    MessageAttributes: raw ? attributes : undefined,
    MessageGroupId: publication.group,
  };
}

/** Only FIFO queues deduplicate. */
function dedupFor(arn: string, publication: Publication): { MessageDeduplicationId?: string } {
  return arn.endsWith(".fifo") ? { MessageDeduplicationId: publication.dedup } : {};
}

async function toQueue(hub: Hub, publication: Publication, subscription: Subscription): Promise<void> {
  const { endpoint: arn } = subscription;
  await hub.call({
    service: "sqs",
    operation: "SendMessage",
    input: {
      QueueUrl: arn.split(":").slice(4).join("/"),
      ...queueInput(publication, subscription, hub.endpoint),
      ...dedupFor(arn, publication),
    },
    as: asSns(hub, publication.topicArn),
  });
}

async function toFunction(hub: Hub, publication: Publication, subscription: Subscription): Promise<void> {
  await hub.call({
    service: "lambda",
    operation: "Invoke",
    input: {
      FunctionName: subscription.endpoint,
      InvocationType: "Event",
      Payload: lambdaEvent(publication, subscription, hub.endpoint),
    },
    as: asSns(hub, publication.topicArn),
  });
}

async function toHttp(
  hub: Hub,
  publication: Publication,
  subscription: Subscription,
  signal: AbortSignal,
): Promise<void> {
  const raw = subscription.settings.raw && publication.type === "Notification";
  const headers: Record<string, string> = {
    "content-type": "text/plain; charset=UTF-8",
    "user-agent": "Amazon Simple Notification Service Agent",
    "x-amz-sns-message-type": publication.type,
    "x-amz-sns-message-id": publication.messageId,
    "x-amz-sns-topic-arn": publication.topicArn,
  };
  if (publication.type === "Notification") headers["x-amz-sns-subscription-arn"] = subscription.arn;
  if (raw) headers["x-amz-sns-rawdelivery"] = "true";
  const response = await fetch(subscription.endpoint, {
    method: "POST",
    redirect: "manual",
    headers,
    body: raw ? messageFor(publication, subscription) : envelope(publication, subscription, hub.endpoint),
    signal: AbortSignal.any([signal, AbortSignal.timeout(httpTimeout)]),
  });
  await response.body?.cancel();
  if (response.ok) return;
  const said = `the endpoint answered ${response.status}`;
  throw response.status < 500 && response.status !== 429 ? new Refused(said) : new Error(said);
}

async function deliverTo(
  hub: Hub,
  publication: Publication,
  subscription: Subscription,
  signal: AbortSignal,
): Promise<void> {
  switch (subscription.protocol) {
    case "sqs":
      return await toQueue(hub, publication, subscription);
    case "lambda":
      return await toFunction(hub, publication, subscription);
    case "http":
    case "https":
      return await toHttp(hub, publication, subscription, signal);
    case "email":
    case "email-json":
      throw new Refused("the local cloud sends no mail");
  }
}

/** Denials, missing queues and the like will be the same next time. */
function isFinal(error: unknown): boolean {
  if (error instanceof Refused) return true;
  return error instanceof AwsError && error.status < 500 && error.status !== 429;
}

export function delivery(hub: Hub, store: SnsStore): Deliver<Publication> {
  async function giveUp(publication: Publication, subscription: Subscription): Promise<void> {
    const { deadLetterArn } = subscription.settings;
    if (!deadLetterArn || publication.type !== "Notification") return;
    const { MessageBody, ...rest } = queueInput(publication, subscription, hub.endpoint);
    await hub
      .call({
        service: "sqs",
        operation: "SendMessage",
        input: {
          QueueUrl: deadLetterArn.split(":").slice(4).join("/"),
          MessageBody:
            subscription.protocol === "lambda"
              ? envelope(publication, subscription, hub.endpoint)
              : MessageBody,
          ...rest,
          ...dedupFor(deadLetterArn, publication),
        },
        as: asSns(hub, publication.topicArn),
      })
      // As on AWS, a dead-letter queue that cannot be written to loses the message; the audit log has the denial.
      .catch(() => {});
  }

  return async (publication, job, signal) => {
    const subscription = store.subscription(job.target);
    // Unsubscribed in the meantime.
    if (!subscription) return undefined;
    try {
      await deliverTo(hub, publication, subscription, signal);
      return undefined;
    } catch (error) {
      if (signal.aborted) throw error;
      const delay = isFinal(error) ? undefined : subscription.settings.retries.delays[job.attempts];
      if (delay === undefined) await giveUp(publication, subscription);
      return delay;
    }
  };
}
