/** Buses, rules and targets: kept in tables, and whole in memory, since every event needs them. */
import type { DatabaseSync } from "node:sqlite";
import type { PolicyDocument } from "../iam/policy.ts";
import { compilePattern, readPattern } from "../pattern/pattern.ts";
import { parseSchedule } from "../schedule/expression.ts";
import type { Hub } from "../service.ts";
import type { Bus, Rule, Target } from "./model.ts";

const schema = `
CREATE TABLE IF NOT EXISTS bus (name TEXT PRIMARY KEY, content TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS rule (bus TEXT NOT NULL, name TEXT NOT NULL, content TEXT NOT NULL, PRIMARY KEY (bus, name));
`;

/** What of a rule is written; the rest follows from it. */
export type RuleFacts = Omit<Rule, "arn" | "pattern" | "schedule">;
type BusFacts = Omit<Bus, "arn">;

export type EventsStore = ReturnType<typeof eventsStore>;

export function ruleArn(hub: Hub, bus: string, name: string): string {
  const path = bus === "default" ? name : `${bus}/${name}`;
  return `arn:aws:events:${hub.region}:${hub.accountId}:rule/${path}`;
}

export function busArn(hub: Hub, name: string): string {
  return `arn:aws:events:${hub.region}:${hub.accountId}:event-bus/${name}`;
}

export function eventsStore(database: DatabaseSync, hub: Hub) {
  database.exec(schema);
  const putBus = database.prepare("INSERT OR REPLACE INTO bus (name, content) VALUES (?, ?)");
  const removeBus = database.prepare("DELETE FROM bus WHERE name = ?");
  const putRule = database.prepare("INSERT OR REPLACE INTO rule (bus, name, content) VALUES (?, ?, ?)");
  const removeRule = database.prepare("DELETE FROM rule WHERE bus = ? AND name = ?");

  const buses = new Map<string, Bus>();
  const rules = new Map<string, Rule>();
  const byBus = new Map<string, Map<string, Rule>>();

  function remember(facts: RuleFacts): Rule {
    const rule: Rule = {
      ...facts,
      arn: ruleArn(hub, facts.bus, facts.name),
      pattern: facts.patternText ? compilePattern(readPattern(facts.patternText)) : undefined,
      schedule: facts.scheduleText ? parseSchedule(facts.scheduleText) : undefined,
    };
    rules.set(rule.arn, rule);
    const siblings = byBus.get(rule.bus) ?? new Map<string, Rule>();
    siblings.set(rule.name, rule);
    byBus.set(rule.bus, siblings);
    return rule;
  }

  for (const { content } of database.prepare("SELECT content FROM bus").all() as { content: string }[]) {
    const facts = JSON.parse(content) as BusFacts & { policy?: PolicyDocument };
    buses.set(facts.name, { ...facts, arn: busArn(hub, facts.name) });
  }
  for (const { content } of database.prepare("SELECT content FROM rule").all() as { content: string }[]) {
    remember(JSON.parse(content) as RuleFacts);
  }
  if (!buses.has("default")) {
    // Every account has it from the start.
    buses.set("default", {
      name: "default",
      arn: busArn(hub, "default"),
      created: Date.now(),
      modified: Date.now(),
      description: undefined,
      tags: {},
      policy: undefined,
    });
  }

  return {
    bus: (name: string): Bus | undefined => buses.get(name),
    buses: (): Bus[] => [...buses.values()],
    saveBus(bus: Bus): void {
      buses.set(bus.name, bus);
      putBus.run(bus.name, JSON.stringify(bus));
    },
    removeBus(bus: Bus): void {
      buses.delete(bus.name);
      byBus.delete(bus.name);
      removeBus.run(bus.name);
    },
    rule: (bus: string, name: string): Rule | undefined => byBus.get(bus)?.get(name),
    ruleByArn: (arn: string): Rule | undefined => rules.get(arn),
    rulesOf: (bus: string): Rule[] => [...(byBus.get(bus)?.values() ?? [])],
    allRules: (): Rule[] => [...rules.values()],
    saveRule(facts: RuleFacts): Rule {
      const rule = remember(facts);
      putRule.run(rule.bus, rule.name, JSON.stringify(rule));
      return rule;
    },
    setTargets(rule: Rule, targets: readonly Target[]): void {
      rule.targets = targets;
      putRule.run(rule.bus, rule.name, JSON.stringify(rule));
    },
    removeRule(rule: Rule): void {
      rules.delete(rule.arn);
      byBus.get(rule.bus)?.delete(rule.name);
      removeRule.run(rule.bus, rule.name);
    },
  };
}
