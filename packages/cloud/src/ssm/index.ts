/** Systems Manager, of which the local cloud has the parameters. */
import { jsonProtocol } from "../protocol/json.ts";
import type { Hub, Service } from "../service.ts";
import { parameterOperations } from "./parameters.ts";
import { openParameterStore } from "./store.ts";

export function createSsm(hub: Hub): Service {
  return {
    name: "ssm",
    protocol: jsonProtocol({ version: "1.1", namespace: "com.amazonaws.ssm", targetPrefix: "AmazonSSM" }),
    operations: parameterOperations(openParameterStore(hub), hub),
  };
}
