/** BatchGetItem and BatchWriteItem. */
import type { AccessRequest, Call } from "../../service.ts";
import { type Operation, operation } from "../../service.ts";
import { itemAccess } from "../access.ts";
import { capacityMode, consumedCapacity, noUsage, useWrite } from "../capacity.ts";
import type { DynamoDbContext } from "../context.ts";
import { serialization, validation } from "../errors.ts";
import { project } from "../expression/project.ts";
import {
  asStructure,
  constraint,
  type Input,
  readFlag,
  readList,
  readStructure,
  readTableName,
} from "../input.ts";
import { type Place, placeOf, readKey } from "../key.ts";
import type { TableStore } from "../store/table.ts";
import type { Item } from "../value.ts";
import { perform, readDelete, readPut, type Write } from "../write.ts";
import { collectionMetrics, itemReadUnits, readProjection } from "./items.ts";

const mostReads = 100;
const mostWrites = 25;
const mostBytes = 16 * 1024 * 1024;

export function batchOperations(context: DynamoDbContext): Record<string, Operation> {
  const { hub, catalogue, atomically } = context;

  function access(action: string, itemsOf: (request: unknown) => readonly unknown[], reads: boolean) {
    return (input: Input, call: Call): readonly AccessRequest[] =>
      requestedTables(input).map(([TableName, request]) =>
        itemAccess(hub, catalogue, call, {
          action,
          input: { ...(Array.isArray(request) ? {} : asStructure(request)), TableName },
          items: itemsOf(request),
          reads,
        }),
      );
  }

  return {
    BatchGetItem: operation<Input, unknown>({
      access: access("BatchGetItem", (request) => readList(asStructure(request), "Keys") ?? [], true),
      run(input) {
        const mode = capacityMode(input);
        const reads = requestedTables(input).map(([name, request]) =>
          readBatchOf(catalogue.open(readTableName(name)), name, asStructure(request)),
        );
        if (reads.reduce((sum, { keys }) => sum + keys.length, 0) > mostReads) {
          throw validation("Too many items requested for the BatchGetItem call");
        }
        const responses: Record<string, Item[]> = {};
        const unprocessed: Record<string, unknown> = {};
        const consumed: unknown[] = [];
        let bytes = 0;
        for (const { table, name, keys, projection, consistent, request } of reads) {
          const usage = noUsage();
          const items: Item[] = [];
          const left: Item[] = [];
          for (const { key, place } of keys) {
            const row = bytes < mostBytes ? table.rows.get(place) : undefined;
            if (bytes >= mostBytes || (row && bytes + row.size > mostBytes)) {
              left.push(key);
              continue;
            }
            bytes += row?.size ?? 0;
            const item = row && (JSON.parse(row.item) as Item);
            usage.table += itemReadUnits(item, consistent);
            if (item) items.push(projection ? project(item, projection) : item);
          }
          responses[name] = items;
          if (left.length > 0) unprocessed[name] = { ...request, Keys: left };
          consumed.push(consumedCapacity(mode, table.definition.name, usage));
        }
        return {
          Responses: responses,
          UnprocessedKeys: unprocessed,
          ConsumedCapacity: mode === "NONE" ? undefined : consumed,
        };
      },
    }),

    BatchWriteItem: operation<Input, unknown>({
      access: access("BatchWriteItem", writtenItems, false),
      run(input) {
        const mode = capacityMode(input);
        const tables = requestedTables(input).map(([name, requests]) => {
          if (!Array.isArray(requests)) throw serialization("Unexpected field type");
          return {
            name,
            writes: requests.map((request) => readBatchWrite(context, name, asStructure(request))),
          };
        });
        const all = tables.flatMap(({ writes }) => writes);
        if (all.length > mostWrites) {
          throw validation("Too many items requested for the BatchWriteItem call");
        }
        checkDistinct(all.map(({ table, place }) => ({ table, place })));
        const usages = new Map(tables.map(({ name }) => [name, noUsage()]));
        atomically(() => {
          for (const { name, writes } of tables) {
            for (const write of writes) {
              const { change } = perform(write, mode !== "NONE");
              const usage = usages.get(name);
              if (mode !== "NONE" && usage) useWrite(usage, write.table.definition, change);
            }
          }
        });
        return {
          UnprocessedItems: {},
          ItemCollectionMetrics: metrics(input, tables),
          ConsumedCapacity:
            mode === "NONE"
              ? undefined
              : [...usages].map(([name, usage]) => consumedCapacity(mode, readTableName(name), usage)),
        };
      },
    }),
  };
}

function requestedTables(input: Input): [string, unknown][] {
  const requests = readStructure(input, "RequestItems");
  if (!requests) {
    throw validation("The parameter 'RequestItems' is required but was not present in the request");
  }
  const tables = Object.entries(requests);
  if (tables.length === 0) {
    throw constraint({}, "requestItems", "Member must have length greater than or equal to 1");
  }
  return tables;
}

function readBatchOf(table: TableStore, name: string, request: Input) {
  const projection = readProjection(request);
  const given = readList(request, "Keys") ?? [];
  if (given.length === 0) {
    throw constraint(
      [],
      `requestItems.${name}.member.keys`,
      "Member must have length greater than or equal to 1",
    );
  }
  const keys = given.map((entry) => {
    const key = readKey(entry, table.definition.keys);
    return { key, place: placeOf(key, table.definition.keys) };
  });
  checkDistinct(keys.map(({ place }) => ({ table, place })));
  return { table, name, keys, projection, consistent: readFlag(request, "ConsistentRead") ?? false, request };
}

function writtenItems(requests: unknown): readonly unknown[] {
  if (!Array.isArray(requests)) return [];
  return requests.map((request) => {
    const put = readStructure(asStructure(request), "PutRequest");
    return put ? put.Item : readStructure(request, "DeleteRequest")?.Key;
  });
}

function readBatchWrite({ catalogue }: DynamoDbContext, TableName: string, request: Input): Write {
  const put = readStructure(request, "PutRequest");
  const remove = readStructure(request, "DeleteRequest");
  if (put && !remove) return readPut({ TableName, Item: put.Item }, catalogue);
  if (remove && !put) return readDelete({ TableName, Key: remove.Key }, catalogue);
  throw validation(
    "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes",
  );
}

/** A batch names each item once. */
export function checkDistinct(
  items: readonly { readonly table: TableStore; readonly place: Place }[],
  message = "Provided list of item keys contains duplicates",
): void {
  const show = (part: Place["hash"]) =>
    typeof part === "string" ? `s${part}` : `b${Buffer.from(part).toString("base64")}`;
  const seen = new Set<string>();
  for (const { table, place } of items) {
    const identity = JSON.stringify([table.definition.id, show(place.hash), show(place.range)]);
    if (seen.has(identity)) throw validation(message);
    seen.add(identity);
  }
}

function metrics(
  input: Input,
  tables: readonly { readonly name: string; readonly writes: readonly Write[] }[],
): Record<string, unknown[]> | undefined {
  const found = tables
    .map(({ name, writes }) => {
      const each = writes
        .map((write) => collectionMetrics(input, write))
        .filter((entry) => entry !== undefined);
      return [name, each] as const;
    })
    .filter(([, each]) => each.length > 0);
  return found.length > 0 ? Object.fromEntries(found) : undefined;
}
