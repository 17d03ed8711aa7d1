/** Which statement, from which link, lets a consumer do something, or why nothing does. */
import type { PolicyStatement } from "@bowline/cloud";
import { explainDenial } from "../dev/denial.ts";
import { BowlineError } from "../error.ts";
import { OWN } from "../link/words.ts";
import { sourcesOf } from "./access-words.ts";
import { type DeployedConsumer, type DeployedLinks, deployedConsumer } from "./deployed.ts";
import { asPolicy, concerns, covers, listOf, resourcesOf, speaksOf } from "./match.ts";

/** One statement of a deployed policy, and the links it was made from. */
export interface Reason {
  readonly effect: "Allow" | "Deny";
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions?: PolicyStatement["Condition"];
  readonly policy: { readonly name: string; readonly kind: "inline" | "managed" };
  /** Its number in the policy, from 1. */
  readonly statement: number;
  /** `link("read") of Orders`, `the permissions of Api`. */
  readonly from: readonly string[];
}

export interface Why {
  readonly consumer: string;
  /** The name of what was asked about, or its ARN. */
  readonly resource: string;
  readonly action?: string;
  /** Whether the action is allowed; undefined when none was asked about. */
  readonly allowed?: boolean;
  /** What decides; without an action, everything that speaks of the resource. */
  readonly reasons: readonly Reason[];
  /** What would allow what is denied. */
  readonly hint?: string;
  /** What the answer does not know of. */
  readonly note?: string;
}

export function explainWhy(
  deployed: DeployedLinks,
  names: { readonly consumer: string; readonly resource: string; readonly action?: string },
): Why {
  const consumer = deployedConsumer(deployed, names.consumer);
  const target = findTarget(deployed, names.resource);
  const base = {
    consumer: consumer.name,
    resource: target.name,
    ...(consumer.foreignRole
      ? { note: `Its role ${consumer.roleArn} is yours: what else is attached to it is not looked at.` }
      : {}),
  };
  if (names.action === undefined) return { ...base, reasons: allReasons(consumer, target.arn) };
  const action = fullAction(names.action, target.arn);
  const verdicts = target
    .resources(action)
    .map((resource) => ({ resource, ...decide(consumer, action, resource) }));
  const allowed = verdicts.find((verdict) => verdict.allowed);
  if (allowed) return { ...base, action, allowed: true, reasons: allowed.reasons };
  const reasons = verdicts.flatMap((verdict) => verdict.reasons).slice(0, 1);
  const [first] = verdicts;
  return {
    ...base,
    action,
    allowed: false,
    reasons,
    // Nothing that is added allows what is denied by a statement.
    ...(reasons.length === 0 && first
      ? { hint: hintFor(deployed, consumer, action, first.resource) }
      : { hint: "A denial wins over whatever allows it: remove it." }),
  };
}

interface Target {
  readonly name: string;
  readonly arn: string;
  /** What is asked about when an action on it is. */
  resources(action: string): string[];
}

function findTarget({ manifest }: DeployedLinks, name: string): Target {
  if (name.startsWith("arn:")) return { name, arn: name, resources: () => [name] };
  const link = manifest.linkables.find((known) => known.name.toLowerCase() === name.toLowerCase());
  if (!link) {
    const known = manifest.linkables.map((one) => one.name).sort();
    throw new BowlineError("no-resource", `Nothing in this app is named "${name}".`, {
      hint: `There are ${known.join(", ")}; an ARN is understood as well.`,
    });
  }
  const { arn } = link.value;
  if (typeof arn !== "string") {
    throw new BowlineError("no-resource", `${link.name} is nothing that permissions are given on.`, {
      hint: `A link to it gives values: ${Object.keys(link.value).join(", ")}.`,
    });
  }
  return { name: link.name, arn, resources: (action) => resourcesOf(link.type, arn, action) };
}

/** `PutItem` of a table is `dynamodb:PutItem`. */
function fullAction(action: string, arn: string): string {
  const service = arn.split(":")[2] ?? "";
  const full = action.includes(":") ? action : `${service}:${action}`;
  if (/^[a-z0-9-]+:[A-Za-z0-9]+$/i.test(full)) return full;
  throw new BowlineError("usage", `"${action}" is no action.`, {
    hint: "Name one, such as dynamodb:PutItem, or none to see all.",
  });
}

function decide(
  consumer: DeployedConsumer,
  action: string,
  resource: string,
): { allowed: boolean; reasons: Reason[] } {
  const found = reasonsWhere(
    consumer,
    (statement) => speaksOf(statement, action, resource),
    (statement) => speaksOf(statement, action, resource),
  );
  const denials = found.filter(({ effect }) => effect === "Deny");
  const final = denials.filter(({ conditions }) => conditions === undefined);
  if (final.length > 0) return { allowed: false, reasons: final };
  const grants = found.filter(({ effect }) => effect === "Allow");
  if (grants.length === 0) return { allowed: false, reasons: [] };
  const certain = grants.filter(({ conditions }) => conditions === undefined);
  return { allowed: true, reasons: [...(certain.length > 0 ? certain : grants), ...denials] };
}

function allReasons(consumer: DeployedConsumer, arn: string): Reason[] {
  return reasonsWhere(
    consumer,
    (statement) => concerns(statement, arn),
    (own, merged) =>
      concerns(own, arn) &&
      listOf(own.Action).some((action) => listOf(merged.Action).some((wide) => covers(wide, action))),
  );
}

/** The deployed statements that matter, each with the links of which one has a statement that does, too. */
function reasonsWhere(
  consumer: DeployedConsumer,
  matters: (statement: PolicyStatement) => boolean,
  isSource: (own: PolicyStatement, merged: PolicyStatement) => boolean,
): Reason[] {
  return consumer.policies.flatMap(({ name, kind, statements }) =>
    statements.flatMap((statement, index): Reason[] => {
      if (!matters(statement)) return [];
      const from = sourcesOf(consumer)
        .filter((source) =>
          source.statements
            .map(asPolicy)
            .some(
              (own) =>
                own.Effect === statement.Effect && sameConditions(own, statement) && isSource(own, statement),
            ),
        )
        .map((source) =>
          source.name === OWN ? `the permissions of ${consumer.name}` : `${source.origin} of ${source.name}`,
        );
      return [
        {
          effect: statement.Effect,
          actions: listOf(statement.Action),
          resources: listOf(statement.Resource),
          ...(statement.Condition ? { conditions: statement.Condition } : {}),
          policy: { name, kind },
          statement: index + 1,
          from: from.length > 0 ? from : [`the policy ${name} itself`],
        },
      ];
    }),
  );
}

function sameConditions(a: PolicyStatement, b: PolicyStatement): boolean {
  return (a.Condition === undefined) === (b.Condition === undefined);
}

function hintFor(
  { manifest }: DeployedLinks,
  consumer: DeployedConsumer,
  action: string,
  resource: string,
): string {
  const asked = {
    type: "audit",
    time: 0,
    requestId: "",
    principal: consumer.roleArn,
    service: "",
    operation: "",
    action,
    resource,
    decision: "deny",
    reason: "",
  } as const;
  return explainDenial(asked, manifest).hint;
}
