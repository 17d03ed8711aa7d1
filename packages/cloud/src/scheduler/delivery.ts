/** One attempt to run a turn of a schedule, as the role it was given. */
import { invokeTarget, isFinal, sessionOf } from "../events/invoke-target.ts";
import type { Hub } from "../service.ts";
import type { Deliver } from "../store/outbox.ts";
import { groupOf, type Turn } from "./model.ts";

const mostAttempts = 185;
const oldestSeconds = 86_400;

function payloadOf(turn: Turn, attempt: number, hub: Hub): string {
  const time = new Date(turn.scheduled).toISOString().replace(/\.\d+Z$/, "Z");
  const { Input } = turn.target;
  if (Input !== undefined) {
    return Input.replaceAll("<aws.scheduler.schedule-arn>", turn.arn)
      .replaceAll("<aws.scheduler.scheduled-time>", time)
      .replaceAll("<aws.scheduler.execution-id>", turn.id)
      .replaceAll("<aws.scheduler.attempt-number>", String(attempt));
  }
  return JSON.stringify({
    version: "0",
    id: turn.id,
    "detail-type": "Scheduled Event",
    source: "aws.scheduler",
    account: hub.accountId,
    time,
    region: hub.region,
    resources: [turn.arn],
    detail: "{}",
  });
}

export function delivery(hub: Hub): Deliver<Turn> {
  return async (turn, job, signal) => {
    const { target } = turn;
    const session = () => sessionOf(hub, target.RoleArn, "scheduler.amazonaws.com", groupOf(turn.arn));
    const payload = payloadOf(turn, job.attempts + 1, hub);
    const { DetailType = "Scheduled Event", Source = "scheduler" } = target.EventBridgeParameters ?? {};
    try {
      await invokeTarget(hub, {
        arn: target.Arn,
        payload,
        messageGroupId: target.SqsParameters?.MessageGroupId,
        event: { DetailType, Source, Detail: payload },
        as: session(),
      });
      return undefined;
    } catch (error) {
      if (signal.aborted) throw error;
      const { MaximumRetryAttempts = mostAttempts, MaximumEventAgeInSeconds = oldestSeconds } =
        target.RetryPolicy ?? {};
      const old = Date.now() - turn.time > MaximumEventAgeInSeconds * 1000;
      if (!isFinal(error) && !old && job.attempts < MaximumRetryAttempts) {
        return Math.min(60_000, 250 * 2 ** Math.min(job.attempts, 10));
      }
      const dead = target.DeadLetterConfig?.Arn;
      if (dead) {
        // A dead-letter queue that cannot be written to loses the turn; the audit log has the denial.
        await Promise.resolve()
          .then(() => invokeTarget(hub, { arn: dead, payload, as: session() }))
          .catch(() => {});
      }
      return undefined;
    }
  };
}
