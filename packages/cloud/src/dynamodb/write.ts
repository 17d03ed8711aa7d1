/** Writing one item: the same for a request of its own, in a batch and in a transaction. */
import type { AwsError } from "../error.ts";
import type { TableDefinition } from "./definition.ts";
import { conditionFailed, invalidParameter, validation } from "./errors.ts";
import { applyUpdate } from "./expression/apply-update.ts";
import type { Condition, PathNode, Update } from "./expression/ast.ts";
import { type Bindings, headOf } from "./expression/bindings.ts";
import { evaluateCondition } from "./expression/evaluate.ts";
import { type Expressions, readExpressions } from "./expression/request.ts";
import { type Input, readChoice, readTableName } from "./input.ts";
import { checkIndexKeys, checkItemKeys, type Place, placeOf, readKey } from "./key.ts";
import { legacyWrite, usesLegacy } from "./legacy.ts";
import type { Catalogue } from "./store/catalogue.ts";
import type { Change, TableStore } from "./store/table.ts";
import { checkItem, type Item, isRecord, itemSize } from "./value.ts";

const largestItem = 400 * 1024;

/** A write whose request was checked: what remains depends on the item as it is. */
export interface Write {
  readonly table: TableStore;
  readonly place: Place;
  readonly key: Item;
  readonly condition?: Condition;
  readonly update?: Update;
  readonly bindings: Bindings;
  /** Whether a failed condition shows the item. */
  readonly showsOld: boolean;
  /** Whether `next` looks at the item before. */
  readonly dependsOnOld: boolean;
  /** The item after the write; undefined where there is none. */
  next(old: Item | undefined): { readonly item?: Item; readonly size?: number };
}

const expressionNames = ["ConditionExpression"] as const;
const updateNames = ["UpdateExpression", "ConditionExpression"] as const;

function readCondition(input: Input, names: typeof expressionNames | typeof updateNames): Expressions {
  const legacy = names === updateNames ? ["AttributeUpdates", "Expected"] : ["Expected"];
  if (input.ConditionalOperator && !input.Expected) {
    throw validation("ConditionalOperator cannot be used without Expected");
  }
  return usesLegacy(input, names, legacy) ? legacyWrite(input) : readExpressions(input, names);
}

function showsOld(input: Input): boolean {
  return readChoice(input, "ReturnValuesOnConditionCheckFailure", ["ALL_OLD", "NONE"]) === "ALL_OLD";
}

/** Checks an item against its table; returns its size. */
export function checkNewItem(item: unknown, definition: TableDefinition): number {
  if (item === undefined || item === null) {
    throw validation("The parameter 'Item' is required but was not present in the request");
  }
  const size = checkItem(item);
  checkItemKeys(item as Item, definition);
  if (size > largestItem) throw validation("Item size has exceeded the maximum allowed size");
  return size;
}

export function readPut(input: Input, catalogue: Catalogue): Write {
  const table = catalogue.open(readTableName(input.TableName));
  if (!isRecord(input.Item)) checkNewItem(input.Item, table.definition);
  const { condition, bindings } = readCondition(input, expressionNames);
  const size = checkNewItem(input.Item, table.definition);
  const item = input.Item as Item;
  return {
    table,
    place: placeOf(item, table.definition.keys),
    key: item,
    condition,
    bindings,
    showsOld: showsOld(input),
    dependsOnOld: false,
    next: () => ({ item, size }),
  };
}

export function readDelete(input: Input, catalogue: Catalogue): Write {
  const table = catalogue.open(readTableName(input.TableName));
  const { condition, bindings } = readCondition(input, expressionNames);
  const key = readKey(input.Key, table.definition.keys);
  return {
    table,
    place: placeOf(key, table.definition.keys),
    key,
    condition,
    bindings,
    showsOld: showsOld(input),
    dependsOnOld: false,
    next: () => ({}),
  };
}

/** A transaction's ConditionCheck: writes nothing. */
export function readConditionCheck(input: Input, catalogue: Catalogue): Write {
  if (input.ConditionExpression === undefined || input.ConditionExpression === null) {
    throw validation("The parameter 'ConditionExpression' is required but was not present in the request");
  }
  return { ...readDelete(input, catalogue), dependsOnOld: true, next: (item) => ({ item }) };
}

export function readUpdate(input: Input, catalogue: Catalogue): Write {
  const table = catalogue.open(readTableName(input.TableName));
  const { definition } = table;
  const { condition, update, bindings } = readCondition(input, updateNames);
  const key = readKey(input.Key, definition.keys);
  if (update) checkUpdatedPaths(update, bindings, definition);
  return {
    table,
    place: placeOf(key, definition.keys),
    key,
    condition,
    update,
    bindings,
    showsOld: showsOld(input),
    dependsOnOld: true,
    next(old) {
      // Removing from an item that is not there does not make it.
      if (!old && update && onlyRemoves(update)) return {};
      const item = update ? applyUpdate(update, old ?? key, bindings) : (old ?? key);
      const size = itemSize(item);
      if (size > largestItem) throw validation("Item size to update has exceeded the maximum allowed size");
      checkIndexKeys(item, definition);
      return { item, size };
    },
  };
}

const onlyRemoves = ({ sets, adds, removes, deletes }: Update) =>
  sets.length === 0 && adds.length === 0 && removes.length + deletes.length > 0;

export function updatedPaths({ sets, removes, adds, deletes }: Update): PathNode[] {
  return [...sets, ...adds, ...deletes].map(({ path }) => path).concat(removes);
}

function checkUpdatedPaths(update: Update, bindings: Bindings, { keys }: TableDefinition): void {
  for (const path of updatedPaths(update)) {
    const head = headOf(path, bindings);
    if (head === keys.hash.name || head === keys.range?.name) {
      throw invalidParameter(`Cannot update attribute ${head}. This attribute is part of the key`);
    }
  }
}

export interface WriteResult {
  readonly old?: Item;
  readonly next?: Item;
  readonly change: Change;
}

export function isMet({ condition, bindings }: Write, old: Item | undefined): boolean {
  return condition === undefined || evaluateCondition(condition, old, bindings);
}

export function refusal({ showsOld }: Write, old: Item | undefined): AwsError {
  return conditionFailed(showsOld ? old : undefined);
}

/** Checks the condition and writes. */
export function perform(write: Write, wantsOld: boolean): WriteResult {
  const { table, place } = write;
  const reads = wantsOld || write.condition !== undefined || write.dependsOnOld || table.needsOld;
  const old = reads ? table.read(place) : undefined;
  if (!isMet(write, old)) throw refusal(write, old);
  const { item, size } = write.next(old);
  const change: Change = { place, old, next: item, size };
  if (item || old || !reads) table.write(change);
  return { old, next: item, change };
}
