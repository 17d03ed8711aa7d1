/** The policy of a queue or topic that services send to: it has one, so all its senders are gathered in it. */
import { all, type Output } from "@pulumi/pulumi";
import { BowlineError } from "../../error.ts";

/** An AWS service that sends on behalf of one of its resources. */
export interface Sender {
  readonly service: string;
  readonly source: Output<string>;
}

interface Senders<Policy> {
  readonly all: Sender[];
  readonly policy: Policy;
  written: boolean;
}

/**
 * Remembers who may send to what. `declare` makes the policy resource of a receiver from its document, for the first
 * sender.
 */
export function senderPolicies<Receiver extends { readonly arn: Output<string> }, Policy>(
  action: string,
  declare: (name: string, receiver: Receiver, document: Output<string>) => Policy,
): (name: string, receiver: Receiver, sender: Sender) => Policy {
  const sendersOf = new WeakMap<Receiver, Senders<Policy>>();

  function declarePolicy(name: string, receiver: Receiver): Senders<Policy> {
    const gathered: Sender[] = [];
    // The ARN is known only after the program has declared everything: by then all senders are.
    const document = receiver.arn.apply((arn) => {
      senders.written = true;
      return all(
        gathered.map(({ service, source }) => source.apply((known) => statement(service, known, arn))),
      ).apply((Statement) => JSON.stringify({ Version: "2012-10-17", Statement }));
    });
    const senders: Senders<Policy> = {
      all: gathered,
      policy: declare(name, receiver, document),
      written: false,
    };
    sendersOf.set(receiver, senders);
    return senders;
  }

  function statement(service: string, source: string, receiverArn: string) {
    return {
      Effect: "Allow",
      Principal: { Service: service },
      Action: action,
      Resource: receiverArn,
      Condition: { ArnEquals: { "aws:SourceArn": source } },
    };
  }

  return (name, receiver, sender) => {
    const senders = sendersOf.get(receiver) ?? declarePolicy(name, receiver);
    if (senders.written) {
      throw new BowlineError("late-sender", `${name} subscribes what has its policy written already.`, {
        hint: "Subscribe queues and topics before awaiting outputs in run().",
      });
    }
    senders.all.push(sender);
    return senders.policy;
  };
}
