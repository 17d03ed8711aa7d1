/** APIs themselves, also made the quick way with a route, an integration and a stage along. */
import { type Call, type Operation, operation } from "../service.ts";
import { accessTo } from "./access.ts";
import { type Input, requiredText, text } from "./input.ts";
import type { Api } from "./model.ts";
import { emptyIntegration, newApi, readApi, readIntegration, readRoute } from "./parts.ts";
import { type ApiGatewayState, apiOf, isoDate, newId, page } from "./state.ts";

export function apiOperations({ hub, store, commit }: ApiGatewayState): Record<string, Operation> {
  const { onApis, onApi } = accessTo(hub);

  function present(api: Api) {
    return {
      ...api,
      apiEndpoint: `${hub.endpoint}/_api/${api.apiId}`,
      ipAddressType: "ipv4",
    };
  }

  /** The quick way: CreateApi with a target makes route, integration and stage along. */
  function quickParts(input: Input, api: Api, now: string): () => void {
    const target = text(input, "target");
    if (!target) return () => {};
    const integrationId = newId(7);
    const integration = readIntegration(
      {
        integrationType: target.startsWith("arn:") ? "AWS_PROXY" : "HTTP_PROXY",
        integrationUri: target,
        integrationMethod: target.startsWith("arn:") ? undefined : "ANY",
        payloadFormatVersion: target.startsWith("arn:") ? "2.0" : "1.0",
        credentialsArn: input.credentialsArn,
      },
      emptyIntegration(integrationId),
    );
    const routeId = newId(7);
    const route = readRoute(
      { routeKey: text(input, "routeKey") ?? "$default", target: `integrations/${integrationId}` },
      { routeId, routeKey: "", authorizationType: "NONE", apiKeyRequired: false },
    );
    const stage = {
      stageName: "$default",
      autoDeploy: true,
      createdDate: now,
      lastUpdatedDate: now,
      tags: {},
    };
    return () => {
      store.save(api.apiId, "integration", integrationId, integration);
      store.save(api.apiId, "route", routeId, route);
      store.save(api.apiId, "stage", stage.stageName, stage);
    };
  }

  return {
    CreateApi: operation({
      access: onApis("POST"),
      async run(input: Input, call: Call) {
        requiredText(input, "protocolType");
        const now = isoDate(call.time);
        const api = newApi(input, newId(), now);
        const saveParts = quickParts(input, api, now);
        await commit.write(() => {
          store.save(api.apiId, "api", api.apiId, api);
          saveParts();
        });
        return present(api);
      },
    }),
    GetApi: operation({ access: onApi("GET"), run: (input: Input) => present(apiOf(store, input)) }),
    GetApis: operation({
      access: onApis("GET"),
      run(input: Input) {
        const apis = store.apis().flatMap((id) => store.get(id, "api", id) ?? []);
        return page(apis.map(present), input);
      },
    }),
    UpdateApi: operation({
      access: onApi("PATCH"),
      async run(input: Input) {
        const api = readApi(input, apiOf(store, input));
        await commit.write(() => store.save(api.apiId, "api", api.apiId, api));
        return present(api);
      },
    }),
    DeleteApi: operation({
      access: onApi("DELETE"),
      async run(input: Input) {
        const { apiId } = apiOf(store, input);
        await commit.write(() => store.removeApi(apiId));
      },
    }),
    DeleteCorsConfiguration: operation({
      access: onApi("DELETE", "/cors"),
      async run(input: Input) {
        const { corsConfiguration: _, ...api } = apiOf(store, input);
        await commit.write(() => store.save(api.apiId, "api", api.apiId, api));
      },
    }),
  };
}
