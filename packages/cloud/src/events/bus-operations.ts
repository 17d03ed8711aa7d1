/** The operations on event buses, and the tags of buses and rules. */
import { AwsError } from "../error.ts";
import type { PolicyDocument, PolicyStatement } from "../iam/policy.ts";
import { readPolicy } from "../iam/validate.ts";
import { type Call, type Operation, operation } from "../service.ts";
import { invalid, notFound } from "./errors.ts";
import { type Input, page, requiredText, tags, text, texts } from "./input.ts";
import type { Bus, Rule } from "./model.ts";
import { busName, type EventsState } from "./state.ts";
import { busArn } from "./store.ts";

function describe(bus: Bus) {
  return {
    Name: bus.name,
    Arn: bus.arn,
    Description: bus.description,
    Policy: bus.policy ? JSON.stringify(bus.policy) : undefined,
    CreationTime: bus.created / 1000,
    LastModifiedTime: bus.modified / 1000,
  };
}

function statementsOf(policy: PolicyDocument | undefined): readonly PolicyStatement[] {
  const statements = policy?.Statement ?? [];
  return Array.isArray(statements) ? statements : [statements as PolicyStatement];
}

export function busOperations(state: EventsState): Record<string, Operation> {
  const { store, hub, commit } = state;
  const onBus = (action: string, member: string) => (input: Input) => [
    { action: `events:${action}`, resource: busArn(hub, busName(text(input, member))) },
  ];

  function tagged(input: Input): {
    tags: Readonly<Record<string, string>>;
    save(tags: Record<string, string>): void;
  } {
    const arn = requiredText(input, "ResourceARN");
    const rule: Rule | undefined = store.ruleByArn(arn);
    if (rule) return { tags: rule.tags, save: (changed) => void store.saveRule({ ...rule, tags: changed }) };
    const bus = arn.includes(":event-bus/") ? store.bus(busName(arn)) : undefined;
    if (!bus) throw notFound("Resource", arn);
    return {
      tags: bus.tags,
      save(changed) {
        bus.tags = changed;
        store.saveBus(bus);
      },
    };
  }
  const onResource = (action: string) => (input: Input) => [
    { action: `events:${action}`, resource: requiredText(input, "ResourceARN") },
  ];

  return {
    CreateEventBus: operation({
      access: onBus("CreateEventBus", "Name"),
      async run(input: Input, call: Call) {
        const name = requiredText(input, "Name");
        if (!/^[\w./-]{1,256}$/.test(name)) throw invalid(`The name ${name} is not valid.`);
        if (text(input, "EventSourceName"))
          throw invalid("Partner event sources are not part of the local cloud.");
        if (store.bus(name)) {
          throw new AwsError("ResourceAlreadyExistsException", `Event bus ${name} already exists.`);
        }
        const bus: Bus = {
          name,
          arn: busArn(hub, name),
          created: call.time,
          modified: call.time,
          description: text(input, "Description"),
          tags: tags(input),
          policy: undefined,
        };
        await commit.write(() => store.saveBus(bus));
        return { EventBusArn: bus.arn, Description: bus.description };
      },
    }),
    UpdateEventBus: operation({
      access: onBus("UpdateEventBus", "Name"),
      async run(input: Input, call: Call) {
        const bus = state.bus(text(input, "Name"));
        bus.description = text(input, "Description");
        bus.modified = call.time;
        await commit.write(() => store.saveBus(bus));
        return { Arn: bus.arn, Name: bus.name, Description: bus.description };
      },
    }),
    DeleteEventBus: operation({
      access: onBus("DeleteEventBus", "Name"),
      async run(input: Input) {
        const name = busName(requiredText(input, "Name"));
        if (name === "default") throw invalid("Cannot delete event bus default.");
        if (store.rulesOf(name).length > 0) throw invalid(`Cannot delete event bus ${name} as it has rules.`);
        const bus = store.bus(name);
        if (bus) await commit.write(() => store.removeBus(bus));
      },
    }),
    DescribeEventBus: operation({
      access: onBus("DescribeEventBus", "Name"),
      run: (input: Input) => describe(state.bus(text(input, "Name"))),
    }),
    ListEventBuses: operation({
      access: () => [{ action: "events:ListEventBuses", resource: "*" }],
      run(input: Input) {
        const prefix = text(input, "NamePrefix") ?? "";
        const found = store.buses().filter(({ name }) => name.startsWith(prefix));
        const { items, NextToken } = page(found, input);
        return { EventBuses: items.map(describe), NextToken };
      },
    }),
    PutPermission: operation({
      access: onBus("PutPermission", "EventBusName"),
      async run(input: Input) {
        const bus = state.bus(text(input, "EventBusName"));
        const whole = text(input, "Policy");
        if (whole) {
          bus.policy = readBusPolicy(whole);
        } else {
          const principal = requiredText(input, "Principal");
          const sid = requiredText(input, "StatementId");
          const condition = input.Condition as { Type: string; Key: string; Value: string } | undefined;
          const statement: PolicyStatement = {
            Sid: sid,
            Effect: "Allow",
            Principal: principal === "*" ? "*" : { AWS: `arn:aws:iam::${principal}:root` },
            Action: requiredText(input, "Action"),
            Resource: bus.arn,
            ...(condition ? { Condition: { [condition.Type]: { [condition.Key]: condition.Value } } } : {}),
          };
          const others = statementsOf(bus.policy).filter(({ Sid }) => Sid !== sid);
          bus.policy = { Version: "2012-10-17", Statement: [...others, statement] };
        }
        await commit.write(() => store.saveBus(bus));
      },
    }),
    RemovePermission: operation({
      access: onBus("RemovePermission", "EventBusName"),
      async run(input: Input) {
        const bus = state.bus(text(input, "EventBusName"));
        const sid = text(input, "StatementId");
        const statements = statementsOf(bus.policy);
        const rest = input.RemoveAllPermissions === true ? [] : statements.filter(({ Sid }) => Sid !== sid);
        if (rest.length === statements.length) {
          throw new AwsError("ResourceNotFoundException", "Statement with the provided id does not exist.");
        }
        bus.policy = rest.length > 0 ? { Version: "2012-10-17", ...bus.policy, Statement: rest } : undefined;
        await commit.write(() => store.saveBus(bus));
      },
    }),
    TagResource: operation({
      access: onResource("TagResource"),
      async run(input: Input) {
        const resource = tagged(input);
        await commit.write(() => resource.save({ ...resource.tags, ...tags(input) }));
      },
    }),
    UntagResource: operation({
      access: onResource("UntagResource"),
      async run(input: Input) {
        const resource = tagged(input);
        const gone = new Set(texts(input, "TagKeys"));
        const rest = Object.entries(resource.tags).filter(([key]) => !gone.has(key));
        await commit.write(() => resource.save(Object.fromEntries(rest)));
      },
    }),
    ListTagsForResource: operation({
      access: onResource("ListTagsForResource"),
      run: (input: Input) => ({
        Tags: Object.entries(tagged(input).tags).map(([Key, Value]) => ({ Key, Value })),
      }),
    }),
  };
}

function readBusPolicy(text: string): PolicyDocument {
  try {
    return readPolicy(text, "resource");
  } catch (error) {
    throw invalid(`Parameter Policy is not valid. Reason: ${(error as Error).message}`);
  }
}
