/** The operations on rules and their targets. */
import { AwsError } from "../error.ts";
import { parseSchedule, type Schedule, ScheduleError } from "../schedule/expression.ts";
import { type AccessRequest, type Call, type Operation, operation } from "../service.ts";
import { invalid } from "./errors.ts";
import { type Input, page, records, requiredText, tags, text, texts } from "./input.ts";
import { targetKind, trusts } from "./invoke-target.ts";
import type { Rule, Target } from "./model.ts";
import { busName, type EventsState } from "./state.ts";
import { ruleArn } from "./store.ts";
import { parsePath } from "./transform.ts";

const mostTargets = 5;

function describe(rule: Rule) {
  return {
    Name: rule.name,
    Arn: rule.arn,
    EventPattern: rule.patternText,
    ScheduleExpression: rule.scheduleText,
    State: rule.state,
    Description: rule.description,
    RoleArn: rule.roleArn,
    EventBusName: rule.bus,
  };
}

function readSchedule(expression: string): Schedule {
  try {
    const schedule = parseSchedule(expression);
    if (schedule.kind !== "at") return schedule;
  } catch (error) {
    if (!(error instanceof ScheduleError)) throw error;
  }
  throw invalid("Parameter ScheduleExpression is not valid.");
}

/** Handing a role to EventBridge takes permission to pass it. */
function passRole(arn: string | undefined): AccessRequest[] {
  if (!arn) return [];
  return [
    { action: "iam:PassRole", resource: arn, context: { "iam:PassedToService": "events.amazonaws.com" } },
  ];
}

function checkTarget(target: Target): { ErrorCode: string; ErrorMessage: string } | undefined {
  if (!targetKind(target.Arn)) {
    return {
      ErrorCode: "NotImplemented",
      ErrorMessage: `The local cloud has no targets like ${target.Arn}: functions, queues, topics and event buses only.`,
    };
  }
  const paths = [target.InputPath, ...Object.values(target.InputTransformer?.InputPathsMap ?? {})];
  const broken = paths.find((path) => path !== undefined && !parsePath(path));
  if (broken) return { ErrorCode: "ValidationException", ErrorMessage: `Invalid input path ${broken}.` };
  const inputs = [target.Input, target.InputPath, target.InputTransformer].filter((one) => one !== undefined);
  if (inputs.length > 1) {
    return {
      ErrorCode: "ValidationException",
      ErrorMessage: "Only one of Input, InputPath, or InputTransformer must be provided.",
    };
  }
  return undefined;
}

/** `changed` hears of every rule that was written or removed. */
export function ruleOperations(
  state: EventsState,
  changed: (arn: string) => void,
): Record<string, Operation> {
  const { store, hub, commit } = state;
  const arnOf = (input: Input, member: string) =>
    ruleArn(hub, busName(text(input, "EventBusName")), requiredText(input, member));
  const onRule =
    (action: string, member = "Name") =>
    (input: Input) => [{ action: `events:${action}`, resource: arnOf(input, member) }];

  function setState(action: string, value: Rule["state"]): Operation {
    return operation({
      access: onRule(action),
      async run(input: Input) {
        const rule = state.rule(input, "Name");
        await commit.write(() => store.saveRule({ ...rule, state: value }));
        changed(rule.arn);
      },
    });
  }

  return {
    PutRule: operation({
      access: (input: Input) => [
        { action: "events:PutRule", resource: arnOf(input, "Name") },
        ...passRole(text(input, "RoleArn")),
      ],
      async run(input: Input, call: Call) {
        const bus = state.bus(text(input, "EventBusName"));
        const name = requiredText(input, "Name");
        if (!/^[\w.-]{1,64}$/.test(name)) throw invalid(`The rule name ${name} is not valid.`);
        const patternText = text(input, "EventPattern");
        const scheduleText = text(input, "ScheduleExpression");
        if (!patternText && !scheduleText) {
          throw invalid("Parameter(s) EventPattern or ScheduleExpression must be specified.");
        }
        if (patternText) state.pattern(patternText);
        if (scheduleText) {
          readSchedule(scheduleText);
          if (bus.name !== "default") {
            throw invalid("ScheduleExpression is supported only on the default event bus.");
          }
        }
        const wanted = text(input, "State") ?? "ENABLED";
        const known = store.rule(bus.name, name);
        const rule = await commit.write(() =>
          store.saveRule({
            name,
            bus: bus.name,
            created: known?.created ?? call.time,
            description: text(input, "Description"),
            state: wanted === "DISABLED" ? "DISABLED" : "ENABLED",
            roleArn: text(input, "RoleArn"),
            patternText,
            scheduleText,
            tags: known?.tags ?? tags(input),
            targets: known?.targets ?? [],
          }),
        );
        changed(rule.arn);
        return { RuleArn: rule.arn };
      },
    }),
    DeleteRule: operation({
      access: onRule("DeleteRule"),
      async run(input: Input) {
        const rule = store.rule(busName(text(input, "EventBusName")), requiredText(input, "Name"));
        // Deleting what is not there is no mistake.
        if (!rule) return;
        if (rule.targets.length > 0) throw invalid("Rule can't be deleted since it has targets.");
        await commit.write(() => store.removeRule(rule));
        changed(rule.arn);
      },
    }),
    DescribeRule: operation({
      access: onRule("DescribeRule"),
      run: (input: Input) => ({ ...describe(state.rule(input, "Name")), CreatedBy: hub.accountId }),
    }),
    EnableRule: setState("EnableRule", "ENABLED"),
    DisableRule: setState("DisableRule", "DISABLED"),
    ListRules: operation({
      access: () => [{ action: "events:ListRules", resource: "*" }],
      run(input: Input) {
        const bus = state.bus(text(input, "EventBusName"));
        const prefix = text(input, "NamePrefix") ?? "";
        const rules = store.rulesOf(bus.name).filter(({ name }) => name.startsWith(prefix));
        const { items, NextToken } = page(rules, input);
        return { Rules: items.map(describe), NextToken };
      },
    }),
    ListRuleNamesByTarget: operation({
      access: () => [{ action: "events:ListRuleNamesByTarget", resource: "*" }],
      run(input: Input) {
        const bus = state.bus(text(input, "EventBusName"));
        const arn = requiredText(input, "TargetArn");
        const rules = store.rulesOf(bus.name).filter(({ targets }) => targets.some(({ Arn }) => Arn === arn));
        const { items, NextToken } = page(rules, input);
        return { RuleNames: items.map(({ name }) => name), NextToken };
      },
    }),
    PutTargets: operation({
      access: (input: Input) => [
        { action: "events:PutTargets", resource: arnOf(input, "Rule") },
        ...records(input, "Targets").flatMap((target) => passRole(text(target, "RoleArn"))),
      ],
      async run(input: Input) {
        const rule = state.rule(input, "Rule");
        const FailedEntries: { TargetId: string; ErrorCode: string; ErrorMessage: string }[] = [];
        const targets = new Map(rule.targets.map((target) => [target.Id, target]));
        for (const entry of records(input, "Targets")) {
          const Id = requiredText(entry, "Id");
          const target = { ...entry, Id, Arn: requiredText(entry, "Arn") } as Target;
          if (target.RoleArn && !trusts(hub, target.RoleArn, "events.amazonaws.com", rule.arn)) {
            throw invalid(
              `Provided role '${target.RoleArn}' cannot be assumed by principal 'events.amazonaws.com'.`,
            );
          }
          const failure = checkTarget(target);
          if (failure) FailedEntries.push({ TargetId: Id, ...failure });
          else targets.set(Id, target);
        }
        if (targets.size > mostTargets) {
          throw new AwsError(
            "LimitExceededException",
            "The requested resource exceeds the maximum number allowed.",
          );
        }
        await commit.write(() => store.setTargets(rule, [...targets.values()]));
        return { FailedEntryCount: FailedEntries.length, FailedEntries };
      },
    }),
    RemoveTargets: operation({
      access: onRule("RemoveTargets", "Rule"),
      async run(input: Input) {
        const rule = state.rule(input, "Rule");
        const ids = new Set(texts(input, "Ids"));
        const rest = rule.targets.filter(({ Id }) => !ids.has(Id));
        await commit.write(() => store.setTargets(rule, rest));
        return { FailedEntryCount: 0, FailedEntries: [] };
      },
    }),
    ListTargetsByRule: operation({
      access: onRule("ListTargetsByRule", "Rule"),
      run(input: Input) {
        const { items, NextToken } = page(state.rule(input, "Rule").targets, input);
        return { Targets: items, NextToken };
      },
    }),
  };
}
