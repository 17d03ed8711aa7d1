/** CloudWatch Logs: groups, streams and events, as far as functions and SDKs need them. */
import { jsonProtocol } from "../protocol/json.ts";
import type { Hub, Service } from "../service.ts";
import { eventOperations } from "./events.ts";
import { groupOperations } from "./groups.ts";
import { openLogStore } from "./store.ts";

export function createLogs(hub: Hub): Service {
  const store = openLogStore(hub.database("logs"));
  return {
    name: "logs",
    protocol: jsonProtocol({
      version: "1.1",
      namespace: "com.amazonaws.logs",
      targetPrefix: "Logs_20140328",
    }),
    stop: () => store.flush(),
    operations: { ...groupOperations(store, hub), ...eventOperations(store, hub) },
  };
}
