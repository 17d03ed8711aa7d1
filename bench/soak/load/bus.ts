/** EventBridge: an event reaches the queue and the function of every rule it matches. */
import {
  CreateEventBusCommand,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
} from "@aws-sdk/client-eventbridge";
import { AddPermissionCommand } from "@aws-sdk/client-lambda";
import type { Driver, Load } from "../driver.ts";
import { createFunction } from "../functions.ts";
import type { Order } from "../observer.ts";
import { openInbox, senderPolicy } from "./inbox.ts";

interface BusEvent {
  readonly detail: { readonly id: string };
}

const EventBusName = "soak-bus";
const BACKLOG = 300;

export async function bus(driver: Driver): Promise<Load> {
  const { clients, ledger } = driver;
  const { events, lambda } = clients;
  const name = "eventbridge";
  await driver.insist(name, () => events.send(new CreateEventBusCommand({ Name: EventBusName })));
  const inbox = await openInbox(
    driver,
    name,
    "soak-events",
    (body) => (JSON.parse(body) as BusEvent).detail.id,
    { Policy: senderPolicy("events.amazonaws.com", "arn:aws:sqs:us-east-1:000000000000:soak-events") },
  );
  const FunctionName = "soak-target";
  const functionArn = await createFunction(lambda, driver.observer.url, driver.role, FunctionName, "python");
  const rule = async (Name: string, pattern: object, targetArn: string) => {
    const { RuleArn } = await driver.insist(name, () =>
      events.send(new PutRuleCommand({ Name, EventBusName, EventPattern: JSON.stringify(pattern) })),
    );
    await driver.insist(name, () =>
      events.send(
        new PutTargetsCommand({ Rule: Name, EventBusName, Targets: [{ Id: "only", Arn: targetArn }] }),
      ),
    );
    return RuleArn;
  };
  await rule("soak-to-queue", { source: ["soak"] }, inbox.arn);
  const SourceArn = await rule(
    "soak-to-function",
    { source: ["soak"], detail: { size: [{ numeric: [">=", 5] }] } },
    functionArn,
  );
  await lambda.send(
    new AddPermissionCommand({
      FunctionName,
      StatementId: "events",
      Action: "lambda:InvokeFunction",
      Principal: "events.amazonaws.com",
      SourceArn,
    }),
  );
  const waited = new Set<string>();
  const handled = new Set<string>();
  const large = (id: string) => Number(id.split("-")[1]) % 10 >= 5;
  driver.observer.listen(FunctionName, (event): Order => {
    const { id } = (event as BusEvent).detail;
    ledger.count(name, handled.has(id) ? "function: came again" : "function: came");
    if (!large(id)) ledger.violation(name, `the function was given ${id}, which its rule does not match`);
    handled.add(id);
    waited.delete(id);
    return { do: "answer" };
  });

  const random = driver.random("bus");
  let count = 0;
  async function put(): Promise<void> {
    if (waited.size + inbox.missing().length > BACKLOG) {
      return void (await new Promise((resolve) => setTimeout(resolve, 50)));
    }
    const ids = Array.from({ length: 1 + random.below(4) }, () => `event-${count++}`);
    for (const id of ids) inbox.allow(id);
    const outcome = await driver.attempt(name, () =>
      events.send(
        new PutEventsCommand({
          Entries: ids.map((id) => ({
            EventBusName,
            Source: "soak",
            DetailType: "tick",
            Detail: JSON.stringify({ id, size: Number(id.split("-")[1]) % 10 }),
          })),
        }),
      ),
    );
    if (outcome.kind === "refused") throw new Error(`put refused: ${outcome.code} ${outcome.message}`);
    if (outcome.kind === "unknown") return;
    for (const [at, id] of ids.entries()) {
      if (!outcome.value.Entries?.[at]?.EventId) throw new Error(`event ${id} was refused`);
      inbox.expect(id);
      if (large(id) && !handled.has(id)) waited.add(id);
      ledger.count(name, "events acknowledged");
    }
  }

  return {
    name,
    workers: [put],
    drains: [inbox.consume],
    missing: () => [...inbox.missing(), ...[...waited].map((id) => `the target has not seen ${id}`)],
    async check() {},
  };
}
