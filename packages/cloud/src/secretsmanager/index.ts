/** Secrets Manager: secrets with their versions, encrypted by KMS, and rotated by functions. */
import { jsonProtocol } from "../protocol/json.ts";
import type { Hub, Service } from "../service.ts";
import { policyOperations } from "./policies.ts";
import { openRoom } from "./room.ts";
import { rotations } from "./rotation.ts";
import { secretOperations } from "./secrets.ts";
import { valueOperations } from "./values.ts";

export function createSecretsManager(hub: Hub): Service {
  const room = openRoom(hub);
  const rotation = rotations(room);
  return {
    name: "secretsmanager",
    protocol: jsonProtocol({
      version: "1.1",
      namespace: "com.amazonaws.secretsmanager",
      targetPrefix: "secretsmanager",
    }),
    operations: {
      ...secretOperations(room),
      ...valueOperations(room),
      ...policyOperations(room),
      ...rotation.operations,
    },
    resourcePolicy: room.policyOf,
    start: rotation.start,
    stop: rotation.stop,
  };
}
