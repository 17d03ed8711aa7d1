/** DynamoDB: tables, items, queries, transactions and streams, on SQLite. */
import type { Hub, Operation, Service } from "../service.ts";
import { streamSignalSource } from "../store/signal.ts";
import type { DynamoDbContext } from "./context.ts";
import { batchOperations } from "./operations/batch.ts";
import { itemOperations } from "./operations/items.ts";
import { policyOperations } from "./operations/policies.ts";
import { readOperations } from "./operations/query.ts";
import { refusedOperations } from "./operations/refused.ts";
import { settingOperations } from "./operations/settings.ts";
import { streamOperations } from "./operations/streams.ts";
import { tableOperations } from "./operations/tables.ts";
import { transactionOperations } from "./operations/transactions.ts";
import { updateTableOperations } from "./operations/update-table.ts";
import { protocolOf } from "./protocol.ts";
import { openCatalogue } from "./store/catalogue.ts";
import { atomicallyIn, prepareDatabase } from "./store/database.ts";
import { openStreams } from "./store/streams.ts";
import { sweep } from "./ttl.ts";

export { type StreamSignal, streamSignal } from "../store/signal.ts";

/** AWS takes days to delete what has expired; locally nobody wants to wait. */
const sweepInterval = 1000;
const trimInterval = 60_000;

export function createDynamoDb(hub: Hub): Service {
  const db = hub.database("dynamodb");
  prepareDatabase(db);
  const atomically = atomicallyIn(db);
  const streams = openStreams(db, hub.region, streamSignalSource(hub));
  const catalogue = openCatalogue(db, atomically, streams.record);
  const context: DynamoDbContext = { hub, db, atomically, catalogue, streams };
  const operations: Record<string, Operation> = {
    ...tableOperations(context),
    ...itemOperations(context),
    ...readOperations(context),
    ...batchOperations(context),
    ...transactionOperations(context),
    ...policyOperations(context),
    ...updateTableOperations(context),
    ...settingOperations(context),
    ...streamOperations(context),
    ...refusedOperations(),
  };
  const timers: NodeJS.Timeout[] = [];

  return {
    name: "dynamodb",
    protocol: protocolOf,
    operations,
    start() {
      timers.push(
        setInterval(() => sweep(catalogue, atomically, Date.now()), sweepInterval).unref(),
        setInterval(streams.trim, trimInterval).unref(),
      );
      streams.trim();
    },
    stop() {
      for (const timer of timers.splice(0)) clearInterval(timer);
    },
    resourcePolicy(arn) {
      const name = /^arn:[^:]*:dynamodb:[^:]*:[^:]*:table\/([^/]+)/.exec(arn)?.[1];
      return name === undefined ? undefined : catalogue.find(name)?.definition.policy?.document;
    },
  };
}
