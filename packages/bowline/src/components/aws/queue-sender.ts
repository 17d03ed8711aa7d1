import * as aws from "@pulumi/aws";
import { all, type Output } from "@pulumi/pulumi";
import { BowlineError } from "../../error.ts";
import type { Queue } from "./queue.ts";

/** An AWS service that sends on behalf of one of its resources. */
interface Sender {
  readonly service: string;
  readonly source: Output<string>;
}

interface Senders {
  readonly all: Sender[];
  readonly policy: aws.sqs.QueuePolicy;
  written: boolean;
}

const sendersOf = new WeakMap<Queue, Senders>();

/** Lets a service send to a queue. A queue has one policy, so all its senders are gathered in it. */
export function allowSender(name: string, queue: Queue, sender: Sender): aws.sqs.QueuePolicy {
  const senders = sendersOf.get(queue) ?? declarePolicy(name, queue);
  if (senders.written) {
    throw new BowlineError("late-sender", `${name} subscribes a queue whose policy is written already.`, {
      hint: "Subscribe queues before awaiting outputs in run().",
    });
  }
  senders.all.push(sender);
  return senders.policy;
}

function declarePolicy(name: string, queue: Queue): Senders {
  const gathered: Sender[] = [];
  // The queue's ARN is known only after the program has declared everything: by then all senders are.
  const document = queue.arn.apply((arn) => {
    senders.written = true;
    return all(
      gathered.map(({ service, source }) => source.apply((known) => statement(service, known, arn))),
    ).apply((Statement) => JSON.stringify({ Version: "2012-10-17", Statement }));
  });
  const policy = new aws.sqs.QueuePolicy(
    `${name}Access`,
    { queueUrl: queue.url, policy: document },
    { parent: queue },
  );
  const senders: Senders = { all: gathered, policy, written: false };
  sendersOf.set(queue, senders);
  return senders;
}

function statement(service: string, source: string, queueArn: string) {
  return {
    Effect: "Allow",
    Principal: { Service: service },
    Action: "sqs:SendMessage",
    Resource: queueArn,
    Condition: { ArnEquals: { "aws:SourceArn": source } },
  };
}
