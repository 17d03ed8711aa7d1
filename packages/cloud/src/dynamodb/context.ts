/** What DynamoDB's operations work on. */
import type { DatabaseSync } from "node:sqlite";
import type { Hub } from "../service.ts";
import type { Catalogue } from "./store/catalogue.ts";
import type { Atomically } from "./store/database.ts";
import type { Streams } from "./store/streams.ts";

export interface DynamoDbContext {
  readonly hub: Hub;
  readonly db: DatabaseSync;
  readonly atomically: Atomically;
  readonly catalogue: Catalogue;
  readonly streams: Streams;
}
