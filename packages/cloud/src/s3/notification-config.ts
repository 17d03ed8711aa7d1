/** A bucket's notification configuration: what is told to whom. */
import { randomUUID } from "node:crypto";
import { childOf, flat, listOf, parseXml, textOf, type XmlElement, xml } from "../protocol/rest-xml.ts";
import { invalidArgument, malformedXml } from "./errors.ts";

export type TargetKind = "sqs" | "sns" | "lambda";

export interface NotificationRule {
  readonly id: string;
  readonly kind: TargetKind;
  readonly arn: string;
  /** As configured: `s3:ObjectCreated:*`. */
  readonly events: readonly string[];
  readonly prefix: string;
  readonly suffix: string;
}

export interface NotificationConfiguration {
  readonly rules: readonly NotificationRule[];
  readonly eventBridge: boolean;
}

/** The elements of each kind of target: the rule, the ARN in it. */
const elements: Readonly<Record<TargetKind, readonly [string, string]>> = {
  sqs: ["QueueConfiguration", "Queue"],
  sns: ["TopicConfiguration", "Topic"],
  lambda: ["CloudFunctionConfiguration", "CloudFunction"],
};

const kinds = Object.keys(elements) as TargetKind[];

const knownEvents = new Set(
  [
    "ReducedRedundancyLostObject",
    "ObjectCreated:*",
    "ObjectCreated:Put",
    "ObjectCreated:Post",
    "ObjectCreated:Copy",
    "ObjectCreated:CompleteMultipartUpload",
    "ObjectRemoved:*",
    "ObjectRemoved:Delete",
    "ObjectRemoved:DeleteMarkerCreated",
    "ObjectRestore:*",
    "ObjectRestore:Post",
    "ObjectRestore:Completed",
    "ObjectRestore:Delete",
    "Replication:*",
    "Replication:OperationFailedReplication",
    "Replication:OperationNotTracked",
    "Replication:OperationMissedThreshold",
    "Replication:OperationReplicatedAfterThreshold",
    "LifecycleTransition",
    "IntelligentTiering",
    "ObjectAcl:Put",
    "LifecycleExpiration:*",
    "LifecycleExpiration:Delete",
    "LifecycleExpiration:DeleteMarkerCreated",
    "ObjectTagging:*",
    "ObjectTagging:Put",
    "ObjectTagging:Delete",
  ].map((event) => `s3:${event}`),
);

export function parseNotifications(text: string): NotificationConfiguration {
  const root = parseXml(text);
  const document = childOf(root, "NotificationConfiguration");
  if (document === undefined) throw malformedXml();
  const rules = kinds.flatMap((kind) =>
    listOf(document[elements[kind][0]]).map((element) => readRule(kind, element)),
  );
  rules.forEach((rule, index) => {
    if (rules.slice(0, index).some((other) => overlap(rule, other))) {
      throw invalidArgument(
        "Configurations overlap. Configurations on the same bucket cannot share a common event type.",
      );
    }
  });
  return { rules, eventBridge: childOf(document, "EventBridgeConfiguration") !== undefined };
}

function readRule(kind: TargetKind, element: string | XmlElement): NotificationRule {
  const arnElement = elements[kind][1];
  const arn = textOf(element, arnElement);
  if (arn === undefined || typeof element === "string") throw malformedXml();
  if (!arn.startsWith(`arn:aws:${kind}:`))
    throw invalidArgument("The ARN could not be parsed", arnElement, arn);
  if (kind === "sqs" && arn.endsWith(".fifo")) {
    throw invalidArgument("FIFO SQS queues are not supported as a destination", arnElement, arn);
  }
  const events = listOf(element.Event).map(String);
  if (events.length === 0) throw malformedXml();
  for (const event of events) {
    if (!knownEvents.has(event)) {
      throw invalidArgument("The event is not supported for notifications", "Event", event);
    }
  }
  let prefix = "";
  let suffix = "";
  for (const rule of listOf(childOf(childOf(element, "Filter"), "S3Key")?.FilterRule)) {
    const value = textOf(rule, "Value") ?? "";
    const name = textOf(rule, "Name")?.toLowerCase();
    if (name === "prefix") prefix = value;
    else if (name === "suffix") suffix = value;
    else throw invalidArgument("filter rule name must be either prefix or suffix", "FilterRule.Name", name);
  }
  return { id: textOf(element, "Id") || randomUUID(), kind, arn, events, prefix, suffix };
}

const covers = (pattern: string, event: string): boolean =>
  pattern === event || (pattern.endsWith(":*") && event.startsWith(pattern.slice(0, -1)));

function overlap(a: NotificationRule, b: NotificationRule): boolean {
  return (
    a.events.some((one) => b.events.some((other) => covers(one, other) || covers(other, one))) &&
    (a.prefix.startsWith(b.prefix) || b.prefix.startsWith(a.prefix)) &&
    (a.suffix.endsWith(b.suffix) || b.suffix.endsWith(a.suffix))
  );
}

/** The rules that want an event (`ObjectCreated:Put`) of a key. */
export function matchingRules(
  configuration: NotificationConfiguration,
  event: string,
  key: string,
): NotificationRule[] {
  return configuration.rules.filter(
    (rule) =>
      rule.events.some((pattern) => covers(pattern, `s3:${event}`)) &&
      key.startsWith(rule.prefix) &&
      key.endsWith(rule.suffix),
  );
}

export function renderNotifications({ rules, eventBridge }: NotificationConfiguration): string {
  const rendered: Record<string, unknown> = {};
  for (const kind of kinds) {
    const [ruleElement, arnElement] = elements[kind];
    rendered[ruleElement] = flat(
      rules
        .filter((rule) => rule.kind === kind)
        .map((rule) => ({
          Id: rule.id,
          [arnElement]: rule.arn,
          Event: flat(rule.events),
          Filter: renderFilter(rule),
        })),
    );
  }
  if (eventBridge) rendered.EventBridgeConfiguration = {};
  return xml("NotificationConfiguration", rendered, { xmlns: "http://s3.amazonaws.com/doc/2006-03-01/" });
}

function renderFilter({ prefix, suffix }: NotificationRule): unknown {
  const filters = [
    ...(prefix === "" ? [] : [{ Name: "Prefix", Value: prefix }]),
    ...(suffix === "" ? [] : [{ Name: "Suffix", Value: suffix }]),
  ];
  return filters.length === 0 ? undefined : { S3Key: { FilterRule: flat(filters) } };
}
