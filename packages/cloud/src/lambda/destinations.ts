/** Where results of asynchronous invocations and failed batches go: SQS, SNS, Lambda, EventBridge. */

import type { InvocationResult } from "./invocation.ts";
import type { FunctionVersion } from "./model.ts";
import { rolePrincipal } from "./role-principal.ts";
import type { Room } from "./room.ts";

export interface DestinationFacts {
  readonly requestId: string;
  readonly functionArn: string;
  readonly condition: string;
  readonly attempts: number;
  readonly payload: Uint8Array;
  readonly version: string;
  readonly result: InvocationResult | undefined;
}

/** The invocation record AWS sends to destinations. */
export function destinationRecord(facts: DestinationFacts): object {
  const { result } = facts;
  return {
    version: "1.0",
    timestamp: new Date().toISOString(),
    requestContext: {
      requestId: facts.requestId,
      functionArn: facts.functionArn,
      condition: facts.condition,
      approximateInvokeCount: facts.attempts,
    },
    requestPayload: parse(facts.payload),
    ...(result
      ? {
          responseContext: {
            statusCode: 200,
            executedVersion: facts.version,
            ...(result.error ? { functionError: "Unhandled" } : {}),
          },
          responsePayload: parse(result.payload),
        }
      : {}),
  };
}

/** Sends a body to a destination with the function's own permissions. */
export async function deliver(
  room: Room,
  target: FunctionVersion,
  destination: string,
  body: Uint8Array,
  attributes?: Readonly<Record<string, string>>,
  event?: { readonly source: string; readonly detailType: string; readonly resource: string },
): Promise<void> {
  const as = rolePrincipal(target, room.hub.accountId);
  const text = Buffer.from(body).toString();
  const service = destination.split(":")[2];
  const messageAttributes = attributes
    ? Object.fromEntries(
        Object.entries(attributes).map(([name, value]) => [
          name,
          { DataType: name === "ErrorCode" ? "Number" : "String", StringValue: value },
        ]),
      )
    : undefined;
  switch (service) {
    case "sqs": {
      const [, , , , account, queue] = destination.split(":");
      const QueueUrl = `${room.hub.endpoint}/${account}/${queue}`;
      await room.hub.call({
        service: "sqs",
        operation: "SendMessage",
        input: {
          QueueUrl,
          MessageBody: text,
          ...(messageAttributes ? { MessageAttributes: messageAttributes } : {}),
        },
        as,
      });
      return;
    }
    case "sns":
      await room.hub.call({
        service: "sns",
        operation: "Publish",
        input: {
          TopicArn: destination,
          Message: text,
          ...(messageAttributes ? { MessageAttributes: messageAttributes } : {}),
        },
        as,
      });
      return;
    case "lambda":
      await room.hub.call({
        service: "lambda",
        operation: "Invoke",
        input: { FunctionName: destination, InvocationType: "Event", Payload: text },
        as,
      });
      return;
    case "events":
      await room.hub.call({
        service: "events",
        operation: "PutEvents",
        input: {
          Entries: [
            {
              EventBusName: destination,
              Source: event?.source ?? "lambda",
              DetailType: event?.detailType ?? "Lambda Function Invocation Result",
              Detail: text,
              Resources: [event?.resource ?? target.arn],
            },
          ],
        },
        as,
      });
      return;
    default:
      throw new Error(`${destination} is neither a queue, a topic, a function nor an event bus.`);
  }
}

function parse(bytes: Uint8Array): unknown {
  const text = Buffer.from(bytes).toString();
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
