/** TransactGetItems and TransactWriteItems. */
import { hash } from "node:crypto";
import { AwsError } from "../../error.ts";
import type { AccessRequest } from "../../service.ts";
import { type Operation, operation } from "../../service.ts";
import { itemAccess } from "../access.ts";
import {
  type CapacityMode,
  capacityMode,
  consumedCapacity,
  noUsage,
  type Usage,
  useWrite,
} from "../capacity.ts";
import type { DynamoDbContext } from "../context.ts";
import { validation } from "../errors.ts";
import { project } from "../expression/project.ts";
import { readExpressions } from "../expression/request.ts";
import { asStructure, constraint, type Input, readList, readTableName, readText } from "../input.ts";
import { placeOf, readKey } from "../key.ts";
import type { Catalogue } from "../store/catalogue.ts";
import { type Item, itemSize } from "../value.ts";
import { isMet, readConditionCheck, readDelete, readPut, readUpdate, type Write } from "../write.ts";
import { checkDistinct } from "./batch.ts";
import { itemReadUnits } from "./items.ts";

const mostItems = 100;
const mostBytes = 4 * 1024 * 1024;
/** Transactions cost twice. */
const costFactor = 2;
const tokenLifetime = 10 * 60 * 1000;

interface Kind {
  readonly action: string;
  readonly named: "Key" | "Item";
  read(input: Input, catalogue: Catalogue): Write;
}

const kinds: Readonly<Record<string, Kind>> = {
  ConditionCheck: { action: "ConditionCheckItem", named: "Key", read: readConditionCheck },
  Put: { action: "PutItem", named: "Item", read: readPut },
  Delete: { action: "DeleteItem", named: "Key", read: readDelete },
  Update: { action: "UpdateItem", named: "Key", read: readUpdate },
};

interface Reason {
  readonly Code: string;
  readonly Message?: string;
  readonly Item?: Item;
}

const noReason: Reason = { Code: "None" };

export function transactionOperations(context: DynamoDbContext): Record<string, Operation> {
  const { hub, db, catalogue, atomically } = context;
  const findToken = db.prepare("SELECT request FROM transaction_tokens WHERE token = ? AND created > ?");
  const keepToken = db.prepare(
    "INSERT OR REPLACE INTO transaction_tokens (token, request, created) VALUES (?, ?, ?)",
  );
  const forgetTokens = db.prepare("DELETE FROM transaction_tokens WHERE created <= ?");

  /** Whether the request was carried out before, under the same token. */
  function isRepeated(token: string | undefined, request: string, now: number): boolean {
    if (token === undefined) return false;
    const found = findToken.get(token, now - tokenLifetime) as { request: string } | undefined;
    if (!found) return false;
    if (found.request === request) return true;
    throw new AwsError(
      "IdempotentParameterMismatchException",
      "The provided idempotency token was already used with different parameters",
    );
  }

  return {
    TransactGetItems: operation<Input, unknown>({
      access: (input, call): readonly AccessRequest[] =>
        transactItems(input).map((entry) => {
          const get = asStructure(entry.Get);
          const enclosing = "TransactGetItems";
          return itemAccess(hub, catalogue, call, {
            action: "GetItem",
            input: get,
            items: [get.Key],
            reads: true,
            enclosing,
          });
        }),
      run(input) {
        const mode = capacityMode(input);
        const usages = new Map<string, Usage>();
        const gets = transactItems(input).map((entry) => {
          const get = asStructure(entry.Get);
          const table = catalogue.open(readTableName(get.TableName));
          const { projection } = readExpressions(get, ["ProjectionExpression"]);
          const key = readKey(get.Key, table.definition.keys);
          return { table, projection, place: placeOf(key, table.definition.keys) };
        });
        checkDistinct(gets, "Transaction request cannot include multiple operations on one item");
        // One thread, no wait in between: nothing is written while these are read.
        const responses = gets.map(({ table, place, projection }) => {
          const item = table.read(place);
          usageOf(usages, table.definition.name).table += itemReadUnits(item, true) * costFactor;
          return item ? { Item: projection ? project(item, projection) : item } : {};
        });
        return { Responses: responses, ConsumedCapacity: consumedBy(mode, usages) };
      },
    }),

    TransactWriteItems: operation<Input, unknown>({
      access: (input, call): readonly AccessRequest[] =>
        transactItems(input).map((entry) => {
          const { kind, body } = kindOf(entry);
          const enclosing = "TransactWriteItems";
          const items = [body[kind.named]];
          return itemAccess(hub, catalogue, call, { action: kind.action, input: body, items, enclosing });
        }),
      run(input, call) {
        const mode = capacityMode(input);
        const token = readText(input, "ClientRequestToken");
        const entries = transactItems(input);
        const request = token === undefined ? "" : hash("sha256", JSON.stringify(entries));
        if (isRepeated(token, request, call.time))
          return { ConsumedCapacity: mode === "NONE" ? undefined : [] };
        const writes = entries.map((entry) => {
          const { kind, body } = kindOf(entry);
          return kind.read(body, catalogue);
        });
        checkDistinct(writes, "Transaction request cannot include multiple operations on one item");
        const usages = new Map<string, Usage>();
        atomically(() => {
          commit(writes, usages);
          if (token !== undefined) {
            forgetTokens.run(call.time - tokenLifetime);
            keepToken.run(token, request, call.time);
          }
        });
        return { ConsumedCapacity: consumedBy(mode, usages) };
      },
    }),
  };
}

function transactItems(input: Input): readonly Input[] {
  const items = readList(input, "TransactItems");
  if (!items) throw constraint(undefined, "transactItems", "Member must not be null");
  if (items.length === 0) {
    throw constraint([], "transactItems", "Member must have length greater than or equal to 1");
  }
  if (items.length > mostItems) {
    throw constraint(items, "transactItems", `Member must have length less than or equal to ${mostItems}`);
  }
  return items.map(asStructure);
}

function kindOf(entry: Input): { readonly kind: Kind; readonly body: Input } {
  const given = Object.keys(entry).filter((name) => entry[name] !== undefined && entry[name] !== null);
  const [name] = given;
  const kind = name !== undefined && Object.hasOwn(kinds, name) ? kinds[name] : undefined;
  if (!kind || name === undefined || given.length > 1) {
    throw validation("TransactItems can only contain one of Check, Put, Update or Delete");
  }
  return { kind, body: asStructure(entry[name]) };
}

/** Checks every condition before the first write. */
function commit(writes: readonly Write[], usages: Map<string, Usage>): void {
  const changes = writes.map((write) => planned(write));
  if (changes.some(({ reason }) => reason !== noReason)) throw cancelled(changes.map(({ reason }) => reason));
  const bytes = changes.reduce((sum, { next, size }) => sum + (next ? (size ?? itemSize(next)) : 0), 0);
  if (bytes > mostBytes) {
    throw validation(
      "Collection size of items in the transaction has exceeded the maximum allowed size of 4 MB",
    );
  }
  writes.forEach((write, index) => {
    const change = changes[index];
    if (!change) return;
    const { place, table } = write;
    const { old, next, size } = change;
    useWrite(usageOf(usages, table.definition.name), table.definition, { old, next, size }, costFactor);
    if (next === old) return;
    table.write({ place, old, next, size });
  });
}

interface PlannedChange {
  readonly reason: Reason;
  readonly old?: Item;
  readonly next?: Item;
  readonly size?: number;
}

function planned(write: Write): PlannedChange {
  const old = write.table.read(write.place);
  if (!isMet(write, old)) {
    const shown = write.showsOld ? old : undefined;
    return {
      reason: { Code: "ConditionalCheckFailed", Message: "The conditional request failed", Item: shown },
    };
  }
  try {
    const { item, size } = write.next(old);
    return { reason: noReason, old, next: item, size };
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== "ValidationException") throw error;
    return { reason: { Code: "ValidationError", Message: error.message } };
  }
}

function cancelled(reasons: readonly Reason[]): AwsError {
  const codes = reasons.map(({ Code }) => Code).join(", ");
  const message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`;
  return new AwsError("TransactionCanceledException", message, 400, {
    Message: message,
    CancellationReasons: reasons,
  });
}

function usageOf(usages: Map<string, Usage>, table: string): Usage {
  const usage = usages.get(table) ?? noUsage();
  usages.set(table, usage);
  return usage;
}

function consumedBy(mode: CapacityMode, usages: ReadonlyMap<string, Usage>): unknown {
  if (mode === "NONE") return undefined;
  return [...usages].map(([name, usage]) => consumedCapacity(mode, name, usage));
}
