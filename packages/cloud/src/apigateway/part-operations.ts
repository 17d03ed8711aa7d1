/** The parts of an API: routes, integrations, authorizers, stages and deployments, all managed alike. */
import { AwsError } from "../error.ts";
import { type Call, type Operation, operation } from "../service.ts";
import { accessTo, idMembers, type PartKind } from "./access.ts";
import { type Input, invalid, requiredText, text, textMap } from "./input.ts";
import type { Api, Parts } from "./model.ts";
import { emptyIntegration, readAuthorizer, readIntegration, readRoute, readStage } from "./parts.ts";
import { type ApiGatewayState, apiOf, isoDate, newId, notFound, page } from "./state.ts";

export function partOperations({ hub, store, commit }: ApiGatewayState): Record<string, Operation> {
  const { onPart } = accessTo(hub);

  function partOf<K extends PartKind>(input: Input, kind: K): Parts[K] {
    const id = requiredText(input, idMembers[kind]);
    const part = store.get(apiOf(store, input).apiId, kind, id);
    if (!part) throw notFound(kind[0]?.toUpperCase() + kind.slice(1), id);
    return part;
  }

  /** Create, Get, list, Update and Delete of one kind of part. */
  function crud<K extends PartKind>(
    kind: K,
    names: { readonly one: string; readonly many: string },
    create: (input: Input, call: Call, api: Api) => Parts[K],
    change: (input: Input, before: Parts[K], call: Call) => Parts[K],
    show: (part: Parts[K]) => object = (part) => part,
  ): Record<string, Operation> {
    const idOf = (part: Parts[K]) => String((part as unknown as Input)[idMembers[kind]]);
    return {
      [`Create${names.one}`]: operation({
        access: onPart("POST", kind, false),
        async run(input: Input, call: Call) {
          const api = apiOf(store, input);
          // What else a part changes (a deployment its stage) is written with it or not at all.
          const part = await commit.write(() => {
            const made = create(input, call, api);
            store.save(api.apiId, kind, idOf(made), made);
            return made;
          });
          return show(part);
        },
      }),
      [`Get${names.one}`]: operation({
        access: onPart("GET", kind, true),
        run: (input: Input) => show(partOf(input, kind)),
      }),
      [`Get${names.many}`]: operation({
        access: onPart("GET", kind, false),
        run: (input: Input) => page(store.all(apiOf(store, input).apiId, kind).map(show), input),
      }),
      [`Update${names.one}`]: operation({
        access: onPart("PATCH", kind, true),
        async run(input: Input, call: Call) {
          const api = apiOf(store, input);
          const part = change(input, partOf(input, kind), call);
          await commit.write(() => store.save(api.apiId, kind, idOf(part), part));
          return show(part);
        },
      }),
      [`Delete${names.one}`]: operation({
        access: onPart("DELETE", kind, true),
        async run(input: Input) {
          const part = partOf(input, kind);
          const api = apiOf(store, input).apiId;
          checkUnused(api, kind, idOf(part));
          await commit.write(() => store.remove(api, kind, idOf(part)));
        },
      }),
    };
  }

  function checkUnused(api: string, kind: PartKind, id: string): void {
    const target = `integrations/${id}`;
    if (kind === "integration" && store.all(api, "route").some((route) => route.target === target)) {
      throw new AwsError(
        "ConflictException",
        `Cannot delete Integration '${id}' because it is referenced by a route.`,
        409,
      );
    }
    if (kind === "deployment" && store.all(api, "stage").some(({ deploymentId }) => deploymentId === id)) {
      throw invalid("Active stages pointing to this deployment must be moved or deleted");
    }
  }

  function checkRouteKeyFree(api: string, key: string, except?: string): void {
    const taken = store
      .all(api, "route")
      .some(({ routeKey, routeId }) => routeKey === key && routeId !== except);
    if (taken) {
      throw new AwsError("ConflictException", `Route with key ${key} already exists for this API`, 409);
    }
  }

  return {
    ...crud(
      "route",
      { one: "Route", many: "Routes" },
      (input, _call, api) => {
        const route = readRoute(input, {
          routeId: newId(7),
          routeKey: requiredText(input, "routeKey"),
          authorizationType: "NONE",
          apiKeyRequired: false,
        });
        checkRouteKeyFree(api.apiId, route.routeKey);
        return route;
      },
      (input, before) => {
        const route = readRoute(input, before);
        checkRouteKeyFree(requiredText(input, "apiId"), route.routeKey, route.routeId);
        return route;
      },
    ),
    ...crud(
      "integration",
      { one: "Integration", many: "Integrations" },
      (input) => readIntegration(input, emptyIntegration(newId(7))),
      (input, before) => readIntegration(input, before),
    ),
    ...crud(
      "authorizer",
      { one: "Authorizer", many: "Authorizers" },
      (input) =>
        readAuthorizer(input, {
          authorizerId: newId(6),
          name: requiredText(input, "name"),
          authorizerType: requiredText(input, "authorizerType") === "JWT" ? "JWT" : "REQUEST",
          identitySource: [],
        }),
      (input, before) => readAuthorizer(input, before),
    ),
    ...crud(
      "stage",
      { one: "Stage", many: "Stages" },
      (input, call, api) => {
        const now = isoDate(call.time);
        const stageName = requiredText(input, "stageName");
        if (store.get(api.apiId, "stage", stageName)) {
          throw new AwsError("ConflictException", "Stage already exists", 409);
        }
        const tags = textMap(input, "tags") ?? {};
        return readStage(
          input,
          { stageName, autoDeploy: false, createdDate: now, lastUpdatedDate: now, tags },
          now,
        );
      },
      (input, before, call) => readStage(input, before, isoDate(call.time)),
    ),
    ...crud(
      "deployment",
      { one: "Deployment", many: "Deployments" },
      (input, call, api) => {
        if (store.all(api.apiId, "route").length === 0) {
          throw invalid("At least one route is required before deploying the API.");
        }
        const deploymentId = newId(6);
        const stageName = text(input, "stageName");
        if (stageName !== undefined) {
          const stage = store.get(api.apiId, "stage", stageName);
          if (!stage) throw notFound("stage", stageName);
          store.save(api.apiId, "stage", stageName, { ...stage, deploymentId });
        }
        return {
          deploymentId,
          createdDate: isoDate(call.time),
          deploymentStatus: "DEPLOYED",
          description: text(input, "description"),
          autoDeployed: false,
          snapshot: store.configuration(api.apiId),
        };
      },
      (input, before) => ({ ...before, description: text(input, "description") ?? before.description }),
      ({ snapshot: _, ...deployment }) => deployment,
    ),
  };
}
