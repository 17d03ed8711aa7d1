/** Lambda: functions in processes of their own, behind the Lambda API and behind function URLs. */
import type { CloudOptions } from "../options.ts";
import { restJsonProtocol } from "../protocol/rest-json.ts";
import type { Hub, Service } from "../service.ts";
import { createAsyncQueue } from "./async-queue.ts";
import { openCodeStore } from "./code.ts";
import { createGuard } from "./guard.ts";
import { createRun } from "./invoker.ts";
import { createLauncher } from "./launcher.ts";
import { layerFolders, openLayers } from "./layers.ts";
import { createLogs } from "./logs.ts";
import { eventInvokeOperations } from "./operations/event-invoke.ts";
import { functionOperations } from "./operations/functions.ts";
import { invokeOperations } from "./operations/invoke.ts";
import { invokeStreamOperations } from "./operations/invoke-stream.ts";
import { layerOperations } from "./operations/layers.ts";
import { mappingOperations } from "./operations/mappings.ts";
import { policyOf, policyOperations } from "./operations/policies.ts";
import { standingOperations } from "./operations/standing.ts";
import { tagOperations } from "./operations/tags.ts";
import { urlOperations } from "./operations/urls.ts";
import { versionOperations } from "./operations/versions.ts";
import { createPool } from "./pool.ts";
import type { Room } from "./room.ts";
import { routes } from "./routes.ts";
import { createSources } from "./sources/manager.ts";
import { openMappings } from "./sources/mapping.ts";
import { openStore } from "./store.ts";
import { createEdge } from "./url-edge.ts";

export function createLambda(hub: Hub, options: Pick<CloudOptions, "runtimes" | "retryDelays">): Service {
  const database = hub.database("lambda");
  const store = openStore(database);
  const logs = createLogs(hub);
  const code = openCodeStore(hub.folder("lambda"));
  const layers = openLayers(database);
  const guard = createGuard();
  const launch = createLauncher({
    hub,
    code,
    logs,
    guard,
    runtimes: options.runtimes ?? {},
    layerFolders: async (arns) => layerFolders(layers, code, arns),
  });
  const pool = createPool({ start: launch });
  const room: Room = { hub, store, code, layers, logs, pool };
  const run = createRun(room);
  const queue = createAsyncQueue(database, room, run, { backoff: options.retryDelays });
  const invoker = { run, enqueue: queue.enqueue };
  const mappings = openMappings(database);
  const sources = createSources(room, run, mappings);

  return {
    name: "lambda",
    protocol: restJsonProtocol({ routes }),
    operations: {
      ...functionOperations(room),
      ...versionOperations(room),
      ...invokeOperations(room, invoker),
      ...invokeStreamOperations(room, run),
      ...layerOperations(room, layers),
      ...urlOperations(room),
      ...policyOperations(room),
      ...tagOperations(room),
      ...standingOperations(room),
      ...eventInvokeOperations(room),
      ...mappingOperations(room, mappings, sources),
    },
    resourcePolicy: (resourceArn) => policyOf(room, resourceArn),
    edge: createEdge(room, invoker),
    async start() {
      await code.sweep(new Set([...store.allVersions(), ...layers.all()].map(({ codeHash }) => codeHash)));
      queue.start();
      sources.start();
    },
    async stop() {
      sources.stop();
      const drained = queue.stop();
      await pool.stop();
      await drained;
      await logs.flush();
      guard.close();
    },
  };
}
