/**
 * Statements of a policy, merged so that neither more nor less is allowed than before:
 * only statements with equal resources have their actions joined, and only those with equal actions their resources.
 */
export interface Statement {
  readonly effect: "Allow" | "Deny";
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions: ConditionBlock;
}

/** operator → key → values */
export type ConditionBlock = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/** The same statements in their smallest, sorted form: the order they come in makes no difference. */
export function mergeStatements(statements: readonly Statement[]): Statement[] {
  let merged = statements.map(normalize).filter((s) => s.actions.length > 0 && s.resources.length > 0);
  for (;;) {
    const byResources = join(merged, "resources", "actions");
    const byActions = join(byResources, "actions", "resources");
    if (byActions.length === merged.length) return byActions.toSorted(compare);
    merged = byActions;
  }
}

function normalize(statement: Statement): Statement {
  return {
    effect: statement.effect,
    actions: withoutCovered(sortedUnique(statement.actions, (action) => action.toLowerCase())),
    resources: sortedUnique(statement.resources),
    conditions: sortConditions(statement.conditions),
  };
}

function join(
  statements: readonly Statement[],
  same: "actions" | "resources",
  union: "actions" | "resources",
): Statement[] {
  const groups = new Map<string, Statement>();
  for (const statement of statements) {
    const key = JSON.stringify([statement.effect, statement.conditions, statement[same]]);
    const before = groups.get(key);
    groups.set(
      key,
      before ? normalize({ ...before, [union]: [...before[union], ...statement[union]] }) : statement,
    );
  }
  return [...groups.values()];
}

/** `s3:*` makes `s3:GetObject` superfluous beside it. */
function withoutCovered(actions: readonly string[]): string[] {
  const wildcards = actions
    .filter((action) => action.endsWith("*"))
    .map((action) => action.slice(0, -1).toLowerCase());
  return actions.filter((action) => {
    const own = action.toLowerCase();
    return !wildcards.some(
      (prefix) => !/[*?]/.test(prefix) && own !== `${prefix}*` && own.startsWith(prefix),
    );
  });
}

/** Of values with the same key the first in order stays, whichever came first. */
function sortedUnique(
  values: readonly string[],
  key: (value: string) => string = (value) => value,
): string[] {
  const descending = values.toSorted((a, b) => compareStrings(b, a));
  return [...new Map(descending.map((value) => [key(value), value])).values()].sort(compareStrings);
}

function sortConditions(block: ConditionBlock): ConditionBlock {
  const sorted = (entries: [string, unknown][]) => entries.toSorted(([a], [b]) => compareStrings(a, b));
  return Object.fromEntries(
    sorted(Object.entries(block)).map(([operator, keys]) => [
      operator,
      Object.fromEntries(
        sorted(Object.entries(keys as Record<string, readonly string[]>)).map(([key, values]) => [
          key,
          sortedUnique(values as readonly string[]),
        ]),
      ),
    ]),
  ) as ConditionBlock;
}

function compare(a: Statement, b: Statement): number {
  return compareStrings(JSON.stringify(a), JSON.stringify(b));
}

/** By code unit, so that the same program gives the same bytes in every locale. */
function compareStrings(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
