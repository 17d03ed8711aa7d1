/** Systems Manager, of which the local cloud has the parameters. */
import { jsonProtocol } from "../protocol/json.ts";
import type { Hub, Service } from "../service.ts";
import { putOperations } from "./putting.ts";
import { readingOperations } from "./reading.ts";
import { openParameterStore } from "./store.ts";
import { tagOperations } from "./tagging.ts";

export function createSsm(hub: Hub): Service {
  const store = openParameterStore(hub);
  return {
    name: "ssm",
    protocol: jsonProtocol({ version: "1.1", namespace: "com.amazonaws.ssm", targetPrefix: "AmazonSSM" }),
    operations: {
      ...putOperations(store, hub),
      ...readingOperations(store, hub),
      ...tagOperations(store, hub),
    },
  };
}
