/** Which permission an operation takes on which ARN, and the condition keys only DynamoDB knows. */
import { AwsError } from "../error.ts";
import type { AccessRequest, Call, Hub } from "../service.ts";
import type { KeySchema } from "./definition.ts";
import type { Parsed } from "./expression/ast.ts";
import { parseCondition, parseProjection, parseUpdate } from "./expression/request.ts";
import { type Input, readTableName } from "./input.ts";
import type { Catalogue } from "./store/catalogue.ts";
import { type AttributeValue, isRecord } from "./value.ts";

type ContextValues = Record<string, string | readonly string[]>;

export const tableArn = ({ region, accountId }: Hub, name: string) =>
  `arn:aws:dynamodb:${region}:${accountId}:table/${name}`;

/** What a call does with items, as far as policies can ask. */
export interface ItemAccess {
  readonly action: string;
  readonly input: Input;
  readonly indexName?: string;
  /** The items or keys that are named in the request. */
  readonly items?: readonly unknown[];
  readonly reads?: boolean;
  readonly enclosing?: string;
  readonly fullScan?: boolean;
}

export function itemAccess(hub: Hub, catalogue: Catalogue, call: Call, access: ItemAccess): AccessRequest {
  const table = readTableName(access.input.TableName);
  const arn = tableArn(hub, table);
  const { indexName } = access;
  const keys = catalogue.find(table)?.definition.keys;
  return {
    action: `dynamodb:${access.action}`,
    resource: indexName === undefined ? arn : `${arn}/index/${indexName}`,
    // Nothing is evaluated for the account's root: it is allowed everything.
    context: call.principal.kind === "root" ? undefined : computeContext(access, keys),
  };
}

function computeContext(access: ItemAccess, keys: KeySchema | undefined): ContextValues {
  const { input, items, reads, enclosing, fullScan } = access;
  const context: ContextValues = {};
  const leading = keys && leadingKeys(access, keys.hash.name);
  if (leading && leading.length > 0) context["dynamodb:LeadingKeys"] = leading;
  const attributes = attributesOf(input, items ?? []);
  if (attributes.size > 0) context["dynamodb:Attributes"] = [...attributes];
  if (reads) context["dynamodb:Select"] = selectOf(input);
  else
    context["dynamodb:ReturnValues"] = typeof input.ReturnValues === "string" ? input.ReturnValues : "NONE";
  if (typeof input.ReturnConsumedCapacity === "string") {
    context["dynamodb:ReturnConsumedCapacity"] = input.ReturnConsumedCapacity;
  }
  if (enclosing !== undefined) context["dynamodb:EnclosingOperation"] = enclosing;
  if (fullScan) context["dynamodb:FullTableScan"] = "true";
  return context;
}

function selectOf(input: Input): string {
  if (typeof input.Select === "string") return input.Select;
  if (input.ProjectionExpression || input.AttributesToGet) return "SPECIFIC_ATTRIBUTES";
  return input.IndexName ? "ALL_PROJECTED_ATTRIBUTES" : "ALL_ATTRIBUTES";
}

/** The values of the table's partition key that the request names, as text. */
function leadingKeys({ input, items }: ItemAccess, hash: string): string[] {
  const values = (items ?? []).map((item) => (isRecord(item) ? item[hash] : undefined));
  if (input.KeyConditionExpression) values.push(hashOfCondition(input, hash));
  if (isRecord(input.KeyConditions)) {
    const condition = input.KeyConditions[hash];
    const list = isRecord(condition) ? condition.AttributeValueList : undefined;
    if (Array.isArray(list)) values.push(list[0]);
  }
  const texts = values.map((value) => (isRecord(value) ? (value.S ?? value.N ?? value.B) : undefined));
  return [...new Set(texts.filter((text) => typeof text === "string"))];
}

/** The value a key condition demands of the partition key. */
function hashOfCondition(input: Input, hash: string): AttributeValue | undefined {
  const names = isRecord(input.ExpressionAttributeNames) ? input.ExpressionAttributeNames : {};
  const values = isRecord(input.ExpressionAttributeValues) ? input.ExpressionAttributeValues : {};
  const parsed = attempt(parseCondition, input.KeyConditionExpression);
  const pending = parsed ? [parsed.root] : [];
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (node.kind === "and") pending.push(node.left, node.right);
    if (node.kind !== "compare" || node.operator !== "=") continue;
    const sides = [node.left, node.right];
    const path = sides.find((side) => side.kind === "path");
    const value = sides.find((side) => side.kind === "value");
    const part = path?.parts[0];
    if (value && typeof part === "string" && (names[part] ?? part) === hash) {
      return values[value.name] as AttributeValue | undefined;
    }
  }
  return undefined;
}

/** What cannot be parsed names nothing: the operation refuses it, once it is known that the caller may try. */
function attempt<Root>(parse: (source: string) => Parsed<Root>, source: unknown): Parsed<Root> | undefined {
  if (typeof source !== "string") return undefined;
  try {
    return parse(source);
  } catch (error) {
    if (error instanceof AwsError) return undefined;
    throw error;
  }
}

const expressions = {
  ConditionExpression: parseCondition,
  FilterExpression: parseCondition,
  KeyConditionExpression: parseCondition,
  ProjectionExpression: parseProjection,
  UpdateExpression: parseUpdate,
} as const;

/** The top-level attributes a request names anywhere. */
function attributesOf(input: Input, items: readonly unknown[]): Set<string> {
  const attributes = new Set<string>();
  for (const item of items) if (isRecord(item)) for (const name in item) attributes.add(name);
  const names = isRecord(input.ExpressionAttributeNames) ? input.ExpressionAttributeNames : {};
  for (const [parameter, parse] of Object.entries(expressions)) {
    for (const { parts } of attempt<unknown>(parse, input[parameter])?.paths ?? []) {
      const name = names[String(parts[0])] ?? parts[0];
      if (typeof name === "string") attributes.add(name);
    }
  }
  for (const parameter of ["Expected", "AttributeUpdates", "KeyConditions", "QueryFilter", "ScanFilter"]) {
    const named = input[parameter];
    if (isRecord(named)) for (const name in named) attributes.add(name);
  }
  if (Array.isArray(input.AttributesToGet)) {
    for (const name of input.AttributesToGet) if (typeof name === "string") attributes.add(name);
  }
  return attributes;
}

/** Access to a table as a whole. */
export function tableAccess(hub: Hub, action: string) {
  return (input: Input): readonly AccessRequest[] => [
    { action: `dynamodb:${action}`, resource: tableArn(hub, readTableName(input.TableName)) },
  ];
}

/** Access that is asked for without a resource. */
export function accountAccess(action: string) {
  return (): readonly AccessRequest[] => [{ action: `dynamodb:${action}`, resource: "*" }];
}

/** Access to what the request names by ARN. */
export function arnAccess(action: string, parameter = "ResourceArn") {
  return (input: Input): readonly AccessRequest[] => {
    const arn = input[parameter];
    return [{ action: `dynamodb:${action}`, resource: typeof arn === "string" ? arn : "*" }];
  };
}
