/** What the operations of EventBridge share. */
import { AwsError } from "../error.ts";
import { compilePattern, type Pattern, PatternError, readPattern } from "../pattern/pattern.ts";
import type { Hub } from "../service.ts";
import { type GroupCommit, groupCommit } from "../store/group-commit.ts";
import { type Outbox, outbox } from "../store/outbox.ts";
import { delivery } from "./delivery.ts";
import { notFound } from "./errors.ts";
import { type Input, requiredText, text } from "./input.ts";
import type { Bus, Dispatch, Rule } from "./model.ts";
import { type EventsStore, eventsStore } from "./store.ts";

export interface EventsState {
  readonly hub: Hub;
  readonly store: EventsStore;
  readonly commit: GroupCommit;
  readonly outbox: Outbox<Dispatch>;
  /** The bus a request names, by name or ARN; the default one when it names none. */
  bus(name: string | undefined): Bus;
  /** The rule a request names in the given member. */
  rule(input: Input, member: string): Rule;
  pattern(text: string): Pattern;
}

/** A bus is named by its name or its ARN. */
export function busName(nameOrArn: string | undefined): string {
  if (!nameOrArn) return "default";
  return nameOrArn.startsWith("arn:") ? nameOrArn.slice(nameOrArn.indexOf("/") + 1) : nameOrArn;
}

export function eventsState(hub: Hub): EventsState {
  const database = hub.database("events");
  const store = eventsStore(database, hub);
  const commit = groupCommit(database);
  function bus(nameOrArn: string | undefined): Bus {
    const name = busName(nameOrArn);
    const found = store.bus(name);
    if (!found) throw notFound("Event bus", name);
    return found;
  }
  return {
    hub,
    store,
    commit,
    outbox: outbox(database, commit, delivery(hub, store)),
    bus,
    rule(input, member) {
      const { name } = bus(text(input, "EventBusName"));
      const rule = store.rule(name, requiredText(input, member));
      if (!rule) {
        throw new AwsError(
          "ResourceNotFoundException",
          `Rule ${requiredText(input, member)} does not exist on EventBus ${name}.`,
        );
      }
      return rule;
    },
    pattern(text) {
      try {
        return compilePattern(readPattern(text));
      } catch (error) {
        if (!(error instanceof PatternError)) throw error;
        throw new AwsError(
          "InvalidEventPatternException",
          `Event pattern is not valid. Reason: ${error.message}`,
        );
      }
    },
  };
}
