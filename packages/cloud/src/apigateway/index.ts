/** API Gateway v2: HTTP APIs, their management and the requests that come in through them. */
import type { ServiceFactory } from "../service.ts";
import { groupCommit } from "../store/group-commit.ts";
import { apiEdge } from "./edge.ts";
import { apiGatewayProtocol } from "./http.ts";
import { managementOperations } from "./operations.ts";
import { apiStore } from "./store.ts";

export const createApiGateway: ServiceFactory = (hub) => {
  const database = hub.database("apigateway");
  const store = apiStore(database);
  const commit = groupCommit(database);
  return {
    name: "apigateway",
    protocol: apiGatewayProtocol,
    operations: managementOperations({ hub, store, commit }),
    edge: apiEdge(hub, store),
    stop: () => commit.flush(),
  };
};
