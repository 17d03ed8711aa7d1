/** One attempt to hand an event to a rule's target, and what follows when it fails. */
import type { Hub, Principal } from "../service.ts";
import type { Deliver } from "../store/outbox.ts";
import { invokeTarget, isFinal, sessionOf } from "./invoke-target.ts";
import type { BusEvent, Dispatch, Rule, Target } from "./model.ts";
import type { EventsStore } from "./store.ts";
import { payloadFor } from "./transform.ts";

const mostAttempts = 185;
const oldestSeconds = 86_400;

/** Where the outbox finds a target again. */
export function targetKey(rule: Rule, target: Target): string {
  return `${rule.arn}\n${target.Id}`;
}

function principalFor(hub: Hub, rule: Rule, target: Target): Principal {
  const role = target.RoleArn ?? rule.roleArn;
  // Functions, queues and topics are asked by their own policies; a bus is reached by a role.
  if (role && target.Arn.includes(":event-bus/"))
    return sessionOf(hub, role, "events.amazonaws.com", rule.arn);
  return { kind: "service", service: "events.amazonaws.com", sourceArn: rule.arn, accountId: hub.accountId };
}

function asEntry(event: BusEvent) {
  return {
    Source: event.source,
    DetailType: event["detail-type"],
    Detail: JSON.stringify(event.detail),
    Resources: event.resources,
    Time: event.time,
  };
}

export function delivery(hub: Hub, store: EventsStore): Deliver<Dispatch> {
  async function giveUp(rule: Rule, target: Target, payload: string, error: unknown): Promise<void> {
    const arn = target.DeadLetterConfig?.Arn;
    if (!arn) return;
    const said = error instanceof Error ? error : new Error(String(error));
    const attribute = (StringValue: string) => ({
      DataType: "String",
      StringValue: StringValue || "unknown",
    });
    await hub
      .call({
        service: "sqs",
        operation: "SendMessage",
        input: {
          QueueUrl: arn.split(":").slice(4).join("/"),
          MessageBody: payload,
          MessageAttributes: {
            RULE_ARN: attribute(rule.arn),
            TARGET_ARN: attribute(target.Arn),
            ERROR_CODE: attribute((said as { code?: string }).code ?? said.name),
            ERROR_MESSAGE: attribute(said.message),
          },
        },
        as: {
          kind: "service",
          service: "events.amazonaws.com",
          sourceArn: rule.arn,
          accountId: hub.accountId,
        },
      })
      // A dead-letter queue that cannot be written to loses the event; the audit log has the denial.
      .catch(() => {});
  }

  return async ({ event, time }, job, signal) => {
    const [ruleArn = "", targetId] = job.target.split("\n");
    const rule = store.ruleByArn(ruleArn);
    const target = rule?.targets.find(({ Id }) => Id === targetId);
    // Removed in the meantime.
    if (!rule || !target) return undefined;
    const payload = payloadFor(target, event, rule);
    try {
      await invokeTarget(hub, {
        arn: target.Arn,
        payload,
        messageGroupId: target.SqsParameters?.MessageGroupId,
        event: asEntry(event),
        as: principalFor(hub, rule, target),
      });
      return undefined;
    } catch (error) {
      if (signal.aborted) throw error;
      const { MaximumRetryAttempts = mostAttempts, MaximumEventAgeInSeconds = oldestSeconds } =
        target.RetryPolicy ?? {};
      const old = Date.now() - time > MaximumEventAgeInSeconds * 1000;
      if (isFinal(error) || old || job.attempts >= MaximumRetryAttempts) {
        await giveUp(rule, target, payload, error);
        return undefined;
      }
      return Math.min(60_000, 250 * 2 ** Math.min(job.attempts, 10));
    }
  };
}
