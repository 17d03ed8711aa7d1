/** Events in: checked, matched with the rules of their bus, and written for the targets. */
import { randomUUID } from "node:crypto";
import { AwsError } from "../error.ts";
import type { Json } from "../pattern/pattern.ts";
import { type Call, operation } from "../service.ts";
import type { Job } from "../store/outbox.ts";
import { targetKey } from "./delivery.ts";
import { invalid } from "./errors.ts";
import { type Input, records, requiredText, text, texts } from "./input.ts";
import type { BusEvent, Rule } from "./model.ts";
import { busName, type EventsState } from "./state.ts";
import { busArn } from "./store.ts";

const largest = 262_144;

interface Result {
  readonly EventId?: string;
  readonly ErrorCode?: string;
  readonly ErrorMessage?: string;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readEvent(entry: Input, call: Call): BusEvent {
  const source = text(entry, "Source");
  const detailType = text(entry, "DetailType");
  const detailText = text(entry, "Detail");
  const missing = (name: string) =>
    new AwsError(
      "InvalidArgument",
      `Parameter ${name} is not valid. Reason: ${name} is a required argument.`,
    );
  if (!source) throw missing("Source");
  if (!detailType) throw missing("DetailType");
  if (!detailText) throw missing("Detail");
  if (source.startsWith("aws.") && call.principal.kind !== "service") {
    throw new AwsError("NotAuthorizedForSourceException", "Not authorized for the source.");
  }
  let detail: unknown;
  try {
    detail = JSON.parse(detailText);
  } catch {
    detail = undefined;
  }
  if (!isObject(detail)) throw new AwsError("MalformedDetail", "Detail is malformed.");
  return {
    version: "0",
    id: randomUUID(),
    "detail-type": detailType,
    source,
    account: call.accountId,
    time: readTime(entry.Time, call.time),
    region: call.region,
    resources: texts(entry, "Resources"),
    detail,
  };
}

/** Seconds since the epoch over JSON, a date in words from another service. */
function readTime(value: unknown, now: number): string {
  const time = typeof value === "number" ? value * 1000 : typeof value === "string" ? Date.parse(value) : now;
  if (Number.isNaN(time)) throw new AwsError("InvalidArgument", "Parameter Time is not valid.");
  return new Date(time).toISOString().replace(/\.\d+Z$/, "Z");
}

export function dispatching(state: EventsState) {
  /** Writes an event for the targets of these rules: must run inside a commit. */
  function write(event: BusEvent, rules: readonly Rule[], time: number): Job[] {
    const targets = rules.flatMap((rule) =>
      rule.targets.map((target) => ({ target: targetKey(rule, target), lane: null })),
    );
    return state.outbox.write({ time, event }, targets);
  }

  return {
    /** Sends an event to the targets of one rule: a schedule's. */
    async fire(rule: Rule, event: BusEvent): Promise<void> {
      const jobs = await state.commit.write(() => write(event, [rule], Date.now()));
      state.outbox.send(jobs);
    },
    operation: operation({
      access: "self",
      async run(input: Input, call: Call) {
        const entries = records(input, "Entries");
        if (entries.length === 0 || entries.length > 10) {
          throw invalid(
            `1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length between 1 and 10, not ${entries.length}`,
          );
        }
        const size = entries.reduce((sum, entry) => sum + Buffer.byteLength(JSON.stringify(entry)), 0);
        if (size > largest) throw invalid("Total size of the entries in the request is over the limit.");
        authorize(entries, call, state);
        const accepted: { event: BusEvent; rules: Rule[] }[] = [];
        const Entries: Result[] = entries.map((entry) => {
          try {
            const event = readEvent(entry, call);
            const bus = busName(text(entry, "EventBusName"));
            const rules = state.store
              .rulesOf(bus)
              .filter((rule) => rule.state === "ENABLED" && rule.pattern?.(event as unknown as Json));
            if (rules.length > 0) accepted.push({ event, rules });
            return { EventId: event.id };
          } catch (error) {
            if (!(error instanceof AwsError)) throw error;
            return { ErrorCode: error.code, ErrorMessage: error.message };
          }
        });
        if (accepted.length > 0) {
          const jobs = await state.commit.write(() =>
            accepted.flatMap(({ event, rules }) => write(event, rules, call.time)),
          );
          state.outbox.send(jobs);
        }
        return { Entries, FailedEntryCount: Entries.filter(({ ErrorCode }) => ErrorCode).length };
      },
    }),
    testPattern: operation({
      access: () => [{ action: "events:TestEventPattern", resource: "*" }],
      run(input: Input) {
        const pattern = state.pattern(requiredText(input, "EventPattern"));
        let event: Json;
        try {
          event = JSON.parse(requiredText(input, "Event")) as Json;
        } catch {
          throw invalid("Parameter Event is not valid.");
        }
        return { Result: pattern(event) };
      },
    }),
  };
}

/** Every bus must permit; AWS's own services may always put onto the default one. */
function authorize(entries: readonly Input[], call: Call, state: EventsState): void {
  const buses = new Set(entries.map((entry) => busName(text(entry, "EventBusName"))));
  for (const bus of buses) {
    if (bus === "default" && call.principal.kind === "service") continue;
    const sources = [...new Set(entries.map((entry) => text(entry, "Source") ?? ""))];
    const types = [...new Set(entries.map((entry) => text(entry, "DetailType") ?? ""))];
    call.authorize({
      action: "events:PutEvents",
      resource: busArn(state.hub, bus),
      context: { "events:source": sources, "events:detail-type": types },
    });
  }
}
