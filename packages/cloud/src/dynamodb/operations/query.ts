/** Query and Scan. */
import { type Call, type Operation, operation } from "../../service.ts";
import { itemAccess } from "../access.ts";
import type { DynamoDbContext } from "../context.ts";
import { validation } from "../errors.ts";
import { beginsWith, compares } from "../expression/evaluate.ts";
import { type KeyTest, matchSchema } from "../expression/key-condition.ts";
import { type Expressions, readExpressions } from "../expression/request.ts";
import { type Input, readFlag, readInteger, readText } from "../input.ts";
import { keyPart, slotOf, slots } from "../key.ts";
import { legacyRead, usesLegacy } from "../legacy.ts";
import { prefixBounds, type RangeBounds } from "../store/rows.ts";
import { type AttributeValue, attribute, equal } from "../value.ts";
import { answerPage, type PageRequest, readPageRequest } from "./page.ts";

export function readOperations(context: DynamoDbContext): Record<string, Operation> {
  const { hub, catalogue } = context;
  const access = (action: "Query" | "Scan") => (input: Input, call: Call) => [
    itemAccess(hub, catalogue, call, {
      action,
      input,
      indexName: readText(input, "IndexName"),
      reads: true,
      fullScan: action === "Scan",
    }),
  ];

  return {
    Query: operation<Input, unknown>({
      access: access("Query"),
      run(input, call) {
        const request = readPageRequest(input, catalogue, queryExpressions);
        const { expressions, keys, index, table, after } = request;
        if (!expressions.keys) {
          throw validation(
            "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.",
          );
        }
        const wanted = matchSchema(expressions.keys, keys.hash, keys.range);
        checkFilter(request);
        checkStartKey(request, wanted.hash, wanted.range);
        const hash = keyPart(wanted.hash);
        const rows = (index?.rows ?? table.rows).query({
          slot: slotOf(hash),
          hash,
          ...(wanted.range && boundsOf(wanted.range)),
          forward: readFlag(input, "ScanIndexForward") ?? true,
          after,
        });
        return answerPage(request, rows, call);
      },
    }),

    Scan: operation<Input, unknown>({
      access: access("Scan"),
      run(input, call) {
        const segment = readSegment(input);
        const request = readPageRequest(input, catalogue, scanExpressions);
        const { index, table, after } = request;
        if (after && (after.slot < segment.fromSlot || after.slot >= segment.toSlot)) {
          throw validation(
            "The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. " +
              `TotalSegments: ${segment.total} Segment: ${segment.number}`,
          );
        }
        return answerPage(request, (index?.rows ?? table.rows).scan({ ...segment, after }), call);
      },
    }),
  };
}

const queryNames = ["ProjectionExpression", "FilterExpression", "KeyConditionExpression"] as const;
const scanNames = ["ProjectionExpression", "FilterExpression"] as const;

function queryExpressions(input: Input): Expressions {
  const legacy = ["AttributesToGet", "QueryFilter", "ConditionalOperator", "KeyConditions"];
  // The old key conditions go together with the newer expressions.
  const mixes = input.KeyConditions && !input.KeyConditionExpression;
  const refused = mixes ? legacy.slice(0, -1) : legacy;
  if (usesLegacy(input, queryNames, refused)) return legacyRead(input, "QueryFilter");
  const expressions = readExpressions(input, queryNames);
  return mixes ? { ...expressions, keys: legacyRead(input, undefined).keys } : expressions;
}

function scanExpressions(input: Input): Expressions {
  return usesLegacy(input, scanNames, ["AttributesToGet", "ScanFilter", "ConditionalOperator"])
    ? legacyRead(input, "ScanFilter")
    : readExpressions(input, scanNames);
}

function boundsOf({ operator, values }: KeyTest): RangeBounds {
  const [first, second] = values.map(keyPart);
  if (first === undefined) return {};
  switch (operator) {
    case "=":
      return { low: { value: first, inclusive: true }, high: { value: first, inclusive: true } };
    case "<":
    case "<=":
      return { high: { value: first, inclusive: operator === "<=" } };
    case ">":
    case ">=":
      return { low: { value: first, inclusive: operator === ">=" } };
    case "between":
      return {
        low: { value: first, inclusive: true },
        high: { value: second ?? first, inclusive: true },
      };
    case "begins_with":
      return prefixBounds(first);
  }
}

function checkFilter({ expressions, keys }: PageRequest): void {
  for (const key of [keys.hash, keys.range]) {
    if (key && expressions.filterHeads?.has(key.name)) {
      throw validation(
        `Filter Expression can only contain non-primary key attributes: Primary key attribute: ${key.name}`,
      );
    }
  }
}

/** A query can only be continued where it can have stopped. */
function checkStartKey(
  { startKey, keys }: PageRequest,
  hash: AttributeValue,
  range: KeyTest | undefined,
): void {
  if (!startKey) return;
  const startHash = attribute(startKey, keys.hash.name);
  if (!startHash || !equal(startHash, hash)) {
    throw validation("The provided starting key is outside query boundaries based on provided conditions");
  }
  const startRange = keys.range && attribute(startKey, keys.range.name);
  if (range && startRange && !inRange(startRange, range)) {
    throw validation("The provided starting key does not match the range key predicate");
  }
}

function inRange(value: AttributeValue, { operator, values }: KeyTest): boolean {
  const [first, second] = values;
  if (operator === "begins_with") return first !== undefined && beginsWith(value, first);
  if (operator === "between") return compares(">=", value, first) && compares("<=", value, second);
  return compares(operator, value, first);
}

const mostSegments = 1_000_000;

function readSegment(input: Input) {
  const total = readInteger(input, "TotalSegments", { least: 1, most: mostSegments });
  const number = readInteger(input, "Segment", { least: 0, most: mostSegments - 1 });
  if (total === undefined && number === undefined) return { fromSlot: 0, toSlot: slots, total: 1, number: 0 };
  if (total === undefined) {
    throw validation(
      "The TotalSegments parameter is required but was not present in the request when Segment parameter is present",
    );
  }
  if (number === undefined) {
    throw validation(
      "The Segment parameter is required but was not present in the request when parameter TotalSegments is present",
    );
  }
  if (number >= total) {
    throw validation(
      `The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: ${number} is not less than TotalSegments: ${total}`,
    );
  }
  return {
    fromSlot: Math.floor((slots * number) / total),
    toSlot: Math.floor((slots * (number + 1)) / total),
    total,
    number,
  };
}
