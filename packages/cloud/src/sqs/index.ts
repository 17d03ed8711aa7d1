/** SQS: standard and FIFO queues, over both of its protocols. */
import type { ServiceFactory } from "../service.ts";
import { messageOperations } from "./message-operations.ts";
import { moveTasks } from "./move-tasks.ts";
import { permissionOperations } from "./permission-operations.ts";
import { sqsProtocol } from "./protocol.ts";
import { queueOperations } from "./queue-operations.ts";
import { retentionSweep } from "./retention.ts";
import { sqsState } from "./state.ts";

export const createSqs: ServiceFactory = (hub) => {
  const state = sqsState(hub);
  const tasks = moveTasks(state, hub.database("sqs"));
  const sweep = retentionSweep(state);
  return {
    name: "sqs",
    protocol: sqsProtocol,
    operations: {
      ...queueOperations(state),
      ...messageOperations(state),
      ...permissionOperations(state),
      ...tasks.operations,
    },
    resourcePolicy: (arn) => state.queues.byArn(arn)?.settings.policy,
    start() {
      tasks.start();
      sweep.start();
    },
    stop() {
      tasks.stop();
      sweep.stop();
      state.polls.release();
      state.commit.flush();
    },
  };
};
