/** DynamoDB: tables, items, queries, transactions and streams, on SQLite. */
import type { Hub, Operation, Service } from "../service.ts";
import type { DynamoDbContext } from "./context.ts";
import { batchOperations } from "./operations/batch.ts";
import { itemOperations } from "./operations/items.ts";
import { policyOperations } from "./operations/policies.ts";
import { readOperations } from "./operations/query.ts";
import { tableOperations } from "./operations/tables.ts";
import { transactionOperations } from "./operations/transactions.ts";
import { protocolOf } from "./protocol.ts";
import { openCatalogue } from "./store/catalogue.ts";
import { atomicallyIn, prepareDatabase } from "./store/database.ts";
import { streamSignalSource } from "./store/signal.ts";
import { openStreams } from "./store/streams.ts";

export { type StreamSignal, streamSignal } from "./store/signal.ts";

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
  };

  return {
    name: "dynamodb",
    protocol: protocolOf,
    operations,
    resourcePolicy(arn) {
      const name = /^arn:[^:]*:dynamodb:[^:]*:[^:]*:table\/([^/]+)/.exec(arn)?.[1];
      return name === undefined ? undefined : catalogue.find(name)?.definition.policy?.document;
    },
  };
}
