/** Where an oracle and we differ knowingly, and whom AWS agrees with. */
import { isDeepStrictEqual } from "node:util";
import type { OracleName } from "./oracle.ts";
import { type Expression, written } from "./phrase.ts";
import { type Answer, isError } from "./table.ts";

export interface Question {
  readonly kind: "condition" | "update" | "query";
  readonly expression?: Expression;
  readonly filter?: Expression;
  readonly limit?: number;
}

/** Why these two answers differ; undefined when nobody knows. */
export function explainDifference(
  oracle: OracleName,
  question: Question,
  ours: Answer,
  theirs: Answer,
): string | undefined {
  return oracle === "moto" ? explainMoto(question, ours, theirs) : undefined;
}

function explainMoto(question: Question, ours: Answer, theirs: Answer): string | undefined {
  // moto's failures reach the client as a page of HTML, which is no JSON.
  if (isError(theirs) && theirs.error === "SyntaxError") return "moto fails with an internal error";
  if (isError(ours) && !isError(theirs)) {
    return question.kind === "update"
      ? "moto skips an update of a path that leads nowhere, which AWS refuses"
      : "moto takes an expression that AWS refuses";
  }
  if (isError(ours) || isError(theirs)) return undefined;
  if (isDeepStrictEqual(ours, withoutTrailingZeros(theirs))) {
    return "moto keeps the zeros at the end of a computed number, which AWS trims";
  }
  if (question.kind === "update") return explainUpdate(question);
  if (question.kind === "query" && isDeepStrictEqual(withoutLastKey(ours), withoutLastKey(theirs))) {
    // API reference, Query: a last key “does not necessarily mean that there is more data”.
    return "moto tells no LastEvaluatedKey when the limit is met by the last item";
  }
  return explainCondition(question.expression ?? question.filter);
}

function explainUpdate({ expression }: Question): string | undefined {
  // Developer guide, update expressions: what is read in a SET is the item before it changes.
  const copies = expression && / = [a-z]\b(?!\()/.test(written(expression).text);
  return copies ? "moto reads an attribute that the same expression has changed before" : undefined;
}

const comparedPaths = /(?:^|[\s(])[#a-z][#\w.[\]]* (?:=|<>|<=?|>=?) [#a-z]/;

function explainCondition(condition: Expression | undefined): string | undefined {
  if (!condition) return undefined;
  const { text, ExpressionAttributeValues = {} } = written(condition);
  const values = Object.values(ExpressionAttributeValues);
  if (comparedPaths.test(text))
    return "moto takes two missing attributes for equal, on AWS one equals nothing";
  if (values.some(({ NULL }) => NULL)) return "moto takes a missing attribute for NULL";
  if (values.some(({ N, BOOL }) => N === "1" || N === "0" || BOOL !== undefined)) {
    return "to moto true is 1 and false is 0";
  }
  return undefined;
}

function withoutLastKey(answer: Answer): unknown {
  return { ...(answer as object), LastEvaluatedKey: undefined };
}

function withoutTrailingZeros(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutTrailingZeros);
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [
      name,
      name === "N" && typeof part === "string" && part.includes(".")
        ? part.replace(/\.?0+$/, "")
        : withoutTrailingZeros(part),
    ]),
  );
}
