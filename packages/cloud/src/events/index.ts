/** EventBridge: buses, rules with patterns or schedules, and targets on this machine. */
import { randomUUID } from "node:crypto";
import { jsonProtocol } from "../protocol/json.ts";
import { alarm } from "../schedule/alarm.ts";
import type { ServiceFactory } from "../service.ts";
import { busOperations } from "./bus-operations.ts";
import { dispatching } from "./put-events.ts";
import { ruleOperations } from "./rule-operations.ts";
import { busName, eventsState } from "./state.ts";

const protocol = jsonProtocol({
  version: "1.1",
  namespace: "com.amazonaws.events",
  targetPrefix: "AWSEvents",
});

export const createEvents: ServiceFactory = (hub) => {
  const state = eventsState(hub);
  const { fire, operation: putEvents, testPattern } = dispatching(state);

  const clock = alarm((arn, due) => {
    const rule = state.store.ruleByArn(arn);
    if (!rule) return;
    wind(arn);
    const event = {
      version: "0" as const,
      id: randomUUID(),
      "detail-type": "Scheduled Event",
      source: "aws.events",
      account: hub.accountId,
      time: new Date(due).toISOString().replace(/\.\d+Z$/, "Z"),
      region: hub.region,
      resources: [rule.arn],
      detail: {},
    };
    // A write that fails here is a full disk: the next turn of the schedule tries again.
    fire(rule, event).catch(() => {});
  });

  /** Sets the alarm of a rule for its next turn. */
  function wind(arn: string): void {
    const rule = state.store.ruleByArn(arn);
    const schedule = rule?.state === "ENABLED" ? rule.schedule : undefined;
    clock.set(arn, rule && schedule?.next(Date.now(), rule.created));
  }

  return {
    name: "events",
    protocol,
    operations: {
      ...busOperations(state),
      ...ruleOperations(state, wind),
      PutEvents: putEvents,
      TestEventPattern: testPattern,
    },
    resourcePolicy: (arn) =>
      arn.includes(":event-bus/") ? state.store.bus(busName(arn))?.policy : undefined,
    start() {
      state.outbox.start();
      for (const { arn } of state.store.allRules()) wind(arn);
    },
    stop() {
      clock.stop();
      state.outbox.stop();
      state.commit.flush();
    },
  };
};
