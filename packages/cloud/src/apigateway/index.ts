/** API Gateway v2: HTTP APIs, their management and the requests that come in through them. */
import type { ServiceFactory } from "../service.ts";
import { groupCommit } from "../store/group-commit.ts";
import { apiOperations } from "./api-operations.ts";
import { apiEdge } from "./edge.ts";
import { apiGatewayProtocol } from "./http.ts";
import { partOperations } from "./part-operations.ts";
import { apiStore } from "./store.ts";
import { tagOperations } from "./tag-operations.ts";

export const createApiGateway: ServiceFactory = (hub) => {
  const database = hub.database("apigateway");
  const store = apiStore(database);
  const commit = groupCommit(database);
  const state = { hub, store, commit };
  return {
    name: "apigateway",
    protocol: apiGatewayProtocol,
    operations: { ...apiOperations(state), ...partOperations(state), ...tagOperations(state) },
    edge: apiEdge(hub, store),
    stop: () => commit.flush(),
  };
};
