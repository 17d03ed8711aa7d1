/** SNS: topics that fan out to queues, functions and HTTP endpoints on this machine. */
import { queryProtocol } from "../protocol/query.ts";
import type { ServiceFactory } from "../service.ts";
import { snsEdge } from "./edge.ts";
import { fromQuery } from "./input.ts";
import { publishing } from "./publish.ts";
import { snsState } from "./state.ts";
import { subscriptionOperations } from "./subscription-operations.ts";
import { topicOperations } from "./topic-operations.ts";

const protocol = queryProtocol({
  xmlns: "http://sns.amazonaws.com/doc/2010-03-31/",
  denialCode: "AuthorizationError",
  input: fromQuery,
  result(_operation, output) {
    const { Attributes, ...rest } = (output ?? {}) as { Attributes?: Record<string, string> };
    return Attributes ? { Attributes: new Map(Object.entries(Attributes)), ...rest } : rest;
  },
});

export const createSns: ServiceFactory = (hub) => {
  const state = snsState(hub);
  const subscriptions = subscriptionOperations(state);
  return {
    name: "sns",
    protocol,
    operations: {
      ...topicOperations(state),
      ...subscriptions.operations,
      ...publishing(state),
    },
    resourcePolicy: (arn) => state.store.topic(arn)?.policy,
    edge: snsEdge(state, protocol, subscriptions),
    start: () => state.outbox.start(),
    stop() {
      state.outbox.stop();
      state.commit.flush();
    },
  };
};
